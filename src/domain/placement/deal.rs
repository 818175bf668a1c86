//! Who goes where, once it is decided how many go where.

use crate::domain::InstanceId;

/// Items with their targets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deal<T> {
    /// In the order in which they should be served: class by class.
    pub placed: Vec<(T, InstanceId)>,
    /// Those beyond the quotas, in order.
    pub stranded: Vec<T>,
}

/// Deals classes of items, the most urgent first, over targets with quotas, so that each class is spread over all of
/// them in proportion. Dealing in order instead would give the urgent ones to the few emptiest targets, which then
/// serve them one after another (of 5,000 keys on 49 targets the active fifth would wait 11.7 s of 13.0, and so 2.8).
///
/// - each item stands in the answer once, in a class's own order; no target gets more than its quota;
/// - of each class, and of each beginning of a class, a target gets its share within one;
/// - items are stranded only when the quotas are used up, the least urgent first.
#[must_use]
pub fn deal<T>(classes: Vec<Vec<T>>, quotas: &[(InstanceId, u32)]) -> Deal<T> {
    let mut left: Vec<u32> = quotas.iter().map(|(_, quota)| *quota).collect();
    let mut deal = Deal { placed: Vec::new(), stranded: Vec::new() };
    for class in classes {
        let shares = apportion(class.len() as u64, &left);
        for (left, share) in left.iter_mut().zip(&shares) {
            *left -= share;
        }
        let mut seats = interleave(&shares).into_iter();
        for item in class {
            match seats.next() {
                Some(target) => deal.placed.push((item, quotas[target].0.clone())),
                None => deal.stranded.push(item),
            }
        }
    }
    deal
}

/// `n` items in proportion to what is left, by largest remainder, ties to the earlier target.
fn apportion(n: u64, left: &[u32]) -> Vec<u32> {
    let whole: u64 = left.iter().map(|left| u64::from(*left)).sum();
    if n >= whole {
        return left.to_vec();
    }
    // Below the whole each share is below what is left, so one more for a remainder is still within it. The product of
    // two 32-bit numbers fits.
    let mut shares: Vec<u32> = left.iter().map(|left| (n * u64::from(*left) / whole) as u32).collect();
    let dealt: u64 = shares.iter().map(|share| u64::from(*share)).sum();
    let mut order: Vec<usize> = (0..left.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(n * u64::from(left[at]) % whole), at));
    for at in order.into_iter().take((n - dealt) as usize) {
        shares[at] += 1;
    }
    shares
}

/// The order in which targets are served: the k-th seat of a target with `s` seats stands at `(2k + 1) / 2s` of the
/// way, so each beginning of the list is spread like the whole.
fn interleave(shares: &[u32]) -> Vec<usize> {
    let seat = |target: usize, share: u32, k: u32| ((f64::from(k) + 0.5) / f64::from(share), target);
    let seats =
        shares.iter().enumerate().flat_map(|(at, &share)| (0..share).map(move |k| seat(at, share, k)));
    let mut seats: Vec<(f64, usize)> = seats.collect();
    seats.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    seats.into_iter().map(|(_, target)| target).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_item_is_dealt_once_and_each_class_in_proportion(
            sizes in proptest::collection::vec(0usize..60, 0..4),
            counts in proptest::collection::vec(0u32..50, 0..8),
        ) {
            let quotas: Vec<(InstanceId, u32)> =
                counts.iter().enumerate().map(|(i, &count)| (format!("s{i}").parse().unwrap(), count)).collect();
            let mut next = 0;
            let classes: Vec<Vec<usize>> = sizes
                .iter()
                .map(|&size| {
                    next += size;
                    (next - size..next).collect()
                })
                .collect();
            let whole: usize = counts.iter().map(|count| *count as usize).sum();
            let dealt = deal(classes, &quotas);
            prop_assert_eq!(&dealt, &deal({
                let mut next = 0;
                sizes.iter().map(|&size| { next += size; (next - size..next).collect() }).collect()
            }, &quotas));

            // Everything once, in order, and the least urgent stranded.
            let served: Vec<usize> = dealt.placed.iter().map(|(item, _)| *item).collect();
            prop_assert_eq!(&served, &(0..next.min(whole)).collect::<Vec<_>>());
            prop_assert_eq!(&dealt.stranded, &(next.min(whole)..next).collect::<Vec<_>>());
            for (id, quota) in &quotas {
                let given = dealt.placed.iter().filter(|(_, target)| target == id).count();
                prop_assert!(given <= *quota as usize);
                // The first class gets its share of each target within one.
                if let Some(&first) = sizes.first().filter(|first| **first <= whole && whole > 0) {
                    let given = dealt.placed.iter().take(first).filter(|(_, target)| target == id).count();
                    let fair = first as f64 * f64::from(*quota) / whole as f64;
                    prop_assert!((given as f64 - fair).abs() < 1.0, "{} of {}", given, fair);
                }
            }
        }
    }
}
