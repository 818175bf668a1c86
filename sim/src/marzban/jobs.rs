//! What the panel does by itself: its background jobs, made up for whenever somebody looks.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use super::rows::{NodeStatus, Status, User};
use super::state::State;

/// How often the panel looks at its users and at its core.
pub(super) const REVIEW_EVERY: TimeDelta = TimeDelta::seconds(10);
impl State {
    /// Does what the panel's background jobs would have done until now.
    pub(super) fn catch_up(&mut self) {
        let now = self.options.clock.now();
        self.settle_nodes(now);
        if now < self.next_review {
            return;
        }
        let periods = (now - self.next_review).num_seconds() / REVIEW_EVERY.num_seconds();
        let first = self.next_review;
        let last = first + REVIEW_EVERY * i32::try_from(periods).unwrap_or(i32::MAX);
        self.next_review = last + REVIEW_EVERY;
        self.reset_periods(last);
        self.review(first, last);
        let active = self.db.users.values().filter(|user| user.status == Status::Active).count();
        self.stall += self.options.review_cost_per_user * u32::try_from(active).unwrap_or(u32::MAX);
        self.delete_long_expired(last);
        if !self.core.started && self.core.can_start {
            self.restart_core();
        }
    }

    /// The job of every 10 s: active users that used or lived up what they had, and users on hold that came.
    fn review(&mut self, first: DateTime<Utc>, last: DateTime<Utc>) {
        let mut gone = Vec::new();
        for user in self.db.users.values_mut() {
            if user.status == Status::OnHold {
                let base = user.edited_at.unwrap_or(user.created_at);
                let came = user.online_at.is_some_and(|online| online >= base);
                let timed_out = user.on_hold_timeout.map(|timeout| timeout.and_utc());
                let at = if came { first } else { timed_out.map_or(last, |timeout| timeout.max(first)) };
                if came || timed_out.is_some_and(|timeout| timeout <= last) {
                    user.status = Status::Active;
                    user.expire =
                        user.on_hold_expire_duration.take().map(|duration| at.timestamp() + duration);
                    user.on_hold_timeout = None;
                }
            }
            if user.status == Status::Active {
                let limited = user.is_used_up();
                let expired = user.expire.is_some_and(|expire| expire <= last.timestamp());
                let due = limited || expired;
                if due
                    && user.next_plan.as_ref().is_some_and(|plan| plan.fire_on_either || (limited && expired))
                {
                    user.start_next_plan();
                } else if due {
                    user.status = if limited { Status::Limited } else { Status::Expired };
                    gone.push(user.email());
                }
            }
        }
        for email in gone {
            self.core.remove(&email);
        }
    }

    /// The job of every hour: users whose period is over start a new one.
    fn reset_periods(&mut self, now: DateTime<Utc>) {
        if now - self.last_hourly < TimeDelta::hours(1) {
            return;
        }
        self.last_hourly = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
        let due = |user: &User| {
            let since = user.reset_at.unwrap_or(user.created_at);
            matches!(user.status, Status::Active | Status::Limited)
                && user.reset_strategy.days().is_some_and(|days| (now - since).num_days() >= days)
        };
        let due = self.db.users.values().filter(|user| due(user)).map(|user| user.id).collect::<Vec<_>>();
        for id in due {
            self.reset_usage(id, now);
        }
    }

    fn delete_long_expired(&mut self, now: DateTime<Utc>) {
        if now - self.last_six_hourly < TimeDelta::hours(6) {
            return;
        }
        self.last_six_hourly = now;
        let due = |user: &User| {
            let days = user.auto_delete_in_days.filter(|days| *days >= 0);
            user.status == Status::Expired
                && user
                    .expire
                    .zip(days)
                    .is_some_and(|(expire, days)| expire + days * 86_400 <= now.timestamp())
        };
        let due = self.db.users.values().filter(|user| due(user)).map(|user| user.id).collect::<Vec<_>>();
        for id in due {
            self.db.remove_user(id);
        }
    }

    fn settle_nodes(&mut self, now: DateTime<Utc>) {
        for node in self.db.nodes.values_mut() {
            if node.status == NodeStatus::Disabled || now < node.settles_at {
                continue;
            }
            (node.status, node.message) = if node.reachable {
                (NodeStatus::Connected, None)
            } else {
                (NodeStatus::Error, Some("[Errno 111] Connection refused".to_owned()))
            };
        }
    }
}

impl User {
    pub(super) fn is_used_up(&self) -> bool {
        self.data_limit.is_some_and(|limit| limit > 0 && self.used_traffic >= limit.unsigned_abs())
    }

    /// The next plan becomes the present one.
    pub(super) fn start_next_plan(&mut self) {
        let Some(plan) = self.next_plan.take() else { return };
        let used = i64::try_from(self.used_traffic).unwrap_or(i64::MAX);
        let left = self.data_limit.map_or(0, |limit| (limit - used).max(0));
        let limit = plan.data_limit + if plan.add_remaining_traffic { left } else { 0 };
        self.data_limit = (limit != 0).then_some(limit);
        self.expire = plan.expire.filter(|expire| *expire != 0);
        self.used_before_resets += self.used_traffic;
        self.used_traffic = 0;
        self.status = Status::Active;
    }
}
