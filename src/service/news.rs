//! Whether something that is costly to read has to be read again.

use std::time::Duration;

use crate::domain::Timestamp;

/// A sign is cheap and may miss something: a clock that was set back, what it does not cover. So all is read again at
/// least this often.
const AT_LEAST: Duration = Duration::from_secs(5);

/// The sign under which something was read last, and when.
#[derive(Debug)]
pub(super) struct News<S>(Option<(S, Timestamp)>);

impl<S> Default for News<S> {
    fn default() -> Self {
        Self(None)
    }
}

impl<S: PartialEq> News<S> {
    /// Whether it has to be read now, under this sign; if so, that is remembered.
    pub(super) fn is_news(&mut self, sign: S, now: Timestamp) -> bool {
        let fresh = |at: Timestamp| (now - at).to_std().is_ok_and(|age| age < AT_LEAST);
        let is_old = self.0.as_ref().is_some_and(|(last, at)| *last == sign && fresh(*at));
        if !is_old {
            self.0 = Some((sign, now));
        }
        !is_old
    }

    /// It could not be read: it has to be tried again.
    pub(super) fn forget(&mut self) {
        self.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_when_its_sign_changes_and_now_and_then() {
        let at = |second: i64| Timestamp::UNIX_EPOCH + chrono::TimeDelta::seconds(second);
        let mut news = News::default();
        assert!(news.is_news("a", at(0)), "never read");
        assert!(!news.is_news("a", at(4)));
        assert!(news.is_news("b", at(4)));
        assert!(!news.is_news("b", at(8)));
        assert!(news.is_news("b", at(9)), "now and then");
        assert!(news.is_news("b", at(2)), "the clock was set back");
        news.forget();
        assert!(news.is_news("b", at(2)), "it could not be read");
    }
}
