//! Who may use how much, over all the accounts a key ever had.
//!
//! A panel counts only what passes through one of its own accounts, and starts at zero after a move. The total is ours:
//! `used = used_before + Σ used(account)` over the live accounts, and each account's limit on its panel is what it has
//! used plus what is left.

/// Bytes.
pub type Bytes = u64;

/// One gibibyte, what people call a gigabyte when they buy traffic.
pub const GIB: Bytes = 1 << 30;

/// What is left of `limit`; `None` is unlimited.
#[must_use]
pub fn left(limit: Option<Bytes>, used_total: Bytes) -> Option<Bytes> {
    limit.map(|limit| limit.saturating_sub(used_total))
}

/// The limit that an account must carry on its panel: what it used there plus what is left over all.
///
/// Never `Some(0)`, because panels read zero as unlimited: with nothing left an account that used nothing gets one byte.
#[must_use]
pub fn account_limit(limit: Option<Bytes>, used_total: Bytes, used_here: Bytes) -> Option<Bytes> {
    left(limit, used_total).map(|left| left.saturating_add(used_here).max(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// R5: through any chain of moves the sum of what panels allow never exceeds what was bought.
        #[test]
        fn moves_never_multiply_a_quota(limit in 1..u64::MAX / 4, uses in prop::collection::vec(0..u64::MAX / 64, 1..8)) {
            let mut before = 0;
            for wish in uses {
                let allowed = account_limit(Some(limit), before, 0).unwrap();
                prop_assert!(allowed >= 1, "zero would mean unlimited");
                prop_assert!(before.saturating_add(allowed) <= limit.max(before + 1));
                before += wish.min(allowed);
            }
        }
    }

    #[test]
    fn nothing_left_is_never_unlimited() {
        assert_eq!(account_limit(Some(10), 10, 0), Some(1));
        assert_eq!(account_limit(Some(10), 10, 4), Some(4));
        assert_eq!(account_limit(Some(10), 4, 4), Some(10));
        assert_eq!(account_limit(None, 10, 4), None);
    }
}
