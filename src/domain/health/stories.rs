use std::time::Duration;

use proptest::prelude::*;
use rand::Rng as _;
use rand::rngs::StdRng;
use rstest::rstest;

use super::drill::{World, over_loss, run};
use super::*;
use crate::domain::instance::Health;
use crate::domain::{InstanceId, Timestamp};

/// What happens to an instance from a moment on.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Refused,
    BlackHole,
    ApiDead,
    Password,
    OwnPath,
    Challenge,
    Broken,
    NothingObservable,
}

struct Sick {
    fate: Fate,
    from: Duration,
    until: Duration,
}

const NEVER: Duration = Duration::from_secs(1_000_000_000);

impl Sick {
    fn is(&self, at: Duration) -> Option<Fate> {
        (self.from..self.until).contains(&at).then_some(self.fate)
    }
}

impl World for Sick {
    fn control(&mut self, at: Duration, timeout: Duration, rng: &mut StdRng) -> (Seen, Duration) {
        let quick = Duration::from_millis(rng.random_range(20..200));
        match self.is(at) {
            None => (Seen::Good, quick),
            Some(Fate::Refused) => (Seen::Refused, quick),
            Some(Fate::BlackHole | Fate::ApiDead | Fate::NothingObservable) => (Seen::Silent, timeout),
            Some(Fate::Password) => (Seen::Foreign, quick),
            Some(Fate::OwnPath) => (Seen::Local, quick),
            Some(Fate::Challenge) => (Seen::Front, quick),
            Some(Fate::Broken) => (Seen::Broken, quick),
        }
    }
    fn data(&mut self, at: Duration, timeout: Duration, _: &mut StdRng) -> (Data, Duration) {
        match self.is(at) {
            Some(Fate::Refused) => (Data::Refused, Duration::from_millis(50)),
            Some(Fate::BlackHole | Fate::Broken) => (Data::Silent, timeout),
            Some(Fate::OwnPath) => (Data::Local, timeout),
            Some(Fate::NothingObservable) => (Data::Unobservable, Duration::ZERO),
            Some(Fate::ApiDead | Fate::Password | Fate::Challenge) | None => {
                (Data::Alive, Duration::from_millis(50))
            }
        }
    }
    fn reference(&mut self, at: Duration) -> bool {
        !matches!(self.is(at), Some(Fate::OwnPath))
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn states(fate: Fate, lasts: Duration, seed: u64) -> Vec<(f64, Health)> {
    let from = seconds(100);
    let mut world = Sick { fate, from, until: if lasts == NEVER { NEVER } else { from + lasts } };
    let changes = run(&mut world, &Thresholds::default(), seconds(100 + 1_200), seed);
    changes.into_iter().map(|change| (change.at.as_secs_f64() - 100.0, change.to)).collect()
}

fn became(changes: &[(f64, Health)], state: Health) -> Option<f64> {
    changes.iter().find(|(_, to)| *to == state).map(|(at, _)| *at)
}

#[test]
fn a_refused_panel_is_confirmed_and_down_quickly() {
    for seed in 0..200 {
        let changes = states(Fate::Refused, NEVER, seed);
        assert!(became(&changes, Health::Down).unwrap() <= 13.5, "{seed}: {changes:?}");
        assert_eq!(changes.last().unwrap().1, Health::Down);
    }
}

#[test]
fn a_black_hole_is_unreachable_first_and_down_after_its_silence() {
    for seed in 0..200 {
        let changes = states(Fate::BlackHole, NEVER, seed);
        assert!(became(&changes, Health::Unreachable).unwrap() <= 19.6, "{seed}: {changes:?}");
        let down = became(&changes, Health::Down).unwrap();
        assert!((45.0..=55.0).contains(&down), "{seed}: {changes:?}");
    }
}

#[rstest]
#[case(Fate::ApiDead, Health::ControlDown)]
#[case(Fate::NothingObservable, Health::ControlDown)]
#[case(Fate::Password, Health::Misconfigured)]
#[case(Fate::Challenge, Health::Degraded)]
fn who_may_still_serve_is_never_down(#[case] fate: Fate, #[case] state: Health) {
    for seed in 0..100 {
        let changes = states(fate, NEVER, seed);
        assert_eq!(changes.last().map(|(_, to)| *to), Some(state), "{changes:?}");
        assert_eq!(became(&changes, Health::Down), None, "i11: {changes:?}");
    }
}

#[test]
fn trouble_on_our_own_path_is_never_held_against_a_panel() {
    for seed in 0..100 {
        assert_eq!(states(Fate::OwnPath, NEVER, seed), [], "{seed}");
    }
}

#[test]
fn a_panel_that_is_restarted_for_twenty_seconds_is_not_down_for_long_enough_to_move_anybody() {
    for seed in 0..500 {
        for fate in [Fate::Refused, Fate::BlackHole, Fate::Broken] {
            let changes = states(fate, seconds(20), seed);
            let down = became(&changes, Health::Down);
            let back = became(&changes, Health::Recovering);
            // `EVACUATE_AFTER` is twenty seconds from `Down` on.
            let long = down.is_some_and(|down| back.is_none_or(|back| back - down >= 20.0));
            assert!(!long, "{seed} {fate:?}: {changes:?}");
        }
    }
}

#[test]
fn who_returns_is_in_quarantine_and_then_ramps() {
    let changes = states(Fate::Refused, seconds(120), 7);
    let back = became(&changes, Health::Recovering).unwrap();
    let well = changes.last().unwrap();
    assert_eq!(well.1, Health::Healthy);
    assert!((well.0 - back - 630.0).abs() < 15.0, "30 s of quarantine, 10 min of ramp: {changes:?}");
    let start = Timestamp::from_timestamp(0, 0).unwrap();
    let thresholds = Thresholds::default();
    let mut machine = Machine::new(Health::Down, start);
    let at = |seconds: i64| start + chrono::TimeDelta::seconds(seconds);
    machine.on(Event::Quick(Seen::Good), &thresholds, at(1));
    assert_eq!((machine.health(), machine.ramp(&thresholds, at(2))), (Health::Recovering, 0.0));
    for second in 2..40 {
        machine.on(Event::Quick(Seen::Good), &thresholds, at(second));
    }
    let ramp = machine.ramp(&thresholds, at(40));
    assert!((0.1..0.13).contains(&ramp), "{ramp}");
    assert!((machine.ramp(&thresholds, at(331)) - 0.55).abs() < 0.01);
}

#[test]
fn the_quarantine_grows_with_each_ejection_up_to_five_minutes_and_calm_forgives() {
    let start = Timestamp::from_timestamp(0, 0).unwrap();
    let thresholds = Thresholds::default();
    let mut machine = Machine::new(Health::Healthy, start);
    let mut now = start;
    let mut quarantines = Vec::new();
    for _ in 0..12 {
        now += chrono::TimeDelta::seconds(100);
        die(&mut machine, &thresholds, now);
        now += chrono::TimeDelta::seconds(5);
        machine.on(Event::Quick(Seen::Good), &thresholds, now);
        quarantines.push((machine.quarantined_until().unwrap() - now).num_seconds());
    }
    assert_eq!(quarantines, [30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300]);
    for _ in 0..5 {
        now += chrono::TimeDelta::seconds(3_601);
        machine.on(Event::Quick(Seen::Good), &thresholds, now);
    }
    die(&mut machine, &thresholds, now);
    machine.on(Event::Quick(Seen::Good), &thresholds, now);
    assert_eq!((machine.quarantined_until().unwrap() - now).num_seconds(), 30);
}

/// The shortest way down.
fn die(machine: &mut Machine, thresholds: &Thresholds, now: Timestamp) {
    machine.on(Event::Quick(Seen::Refused), thresholds, now);
    for _ in 0..thresholds.confirmations {
        machine.on(Event::Confirmation(Seen::Refused), thresholds, now);
    }
    machine.on(Event::Data(Data::Refused), thresholds, now);
    let acts = Event::LastActs { reference: true, control: Seen::Refused, data: Data::Refused };
    machine.on(acts, thresholds, now);
    assert_eq!(machine.health(), Health::Down);
}

/// Confirmations that fail one after another at one moment; the wish of each.
fn confirm(machine: &mut Machine, seen: Seen, now: Timestamp) -> Vec<Option<Wish>> {
    let thresholds = Thresholds::default();
    let each = 0..thresholds.confirmations;
    each.map(|_| machine.on(Event::Confirmation(seen), &thresholds, now).wish).collect()
}

#[test]
fn the_endpoints_are_looked_at_beside_the_last_confirmations() {
    let thresholds = Thresholds::default();
    let now = Timestamp::from_timestamp(0, 0).unwrap();
    let mut machine = Machine::new(Health::Healthy, now);
    let mut on = |event| machine.on(event, &thresholds, now);
    on(Event::Quick(Seen::Silent));
    let silent = Event::Confirmation(Seen::Silent);
    let wishes = [on(silent).wish, on(silent).wish, on(silent).wish];
    assert_eq!(wishes, [None, None, Some(Wish::Data)]);
    assert_eq!(on(Event::Data(Data::Silent)).changed, None, "not confirmed yet");
    on(silent);
    assert_eq!(on(silent).changed, Some((Health::Suspect, Health::Unreachable)));
}

#[test]
fn a_blip_of_the_endpoints_is_no_long_silence_however_long_the_api_is_gone() {
    let thresholds = Thresholds::default();
    let start = Timestamp::from_timestamp(10_000, 0).unwrap();
    let at = |seconds| start + chrono::TimeDelta::seconds(seconds);
    let mut machine = Machine::new(Health::Healthy, start);
    machine.on(Event::Quick(Seen::Silent), &thresholds, start);
    confirm(&mut machine, Seen::Silent, start);
    for hour in 0..3 {
        machine.on(Event::Data(Data::Alive), &thresholds, at(hour * 3_600));
    }
    assert_eq!(machine.health(), Health::ControlDown);
    let blip = machine.on(Event::Data(Data::Silent), &thresholds, at(7_205));
    assert_eq!((machine.health(), blip.wish), (Health::Unreachable, None), "not dead for five seconds yet");
    let long = machine.on(Event::Data(Data::Silent), &thresholds, at(7_200 + 45));
    assert_eq!(long.wish, Some(Wish::LastActs));
}

#[test]
fn last_acts_that_end_before_the_silence_has_lasted_prove_nothing() {
    let thresholds = Thresholds::default();
    let start = Timestamp::from_timestamp(10_000, 0).unwrap();
    let at = |seconds| start + chrono::TimeDelta::seconds(seconds);
    let mut machine = Machine::new(Health::Healthy, start);
    machine.on(Event::Quick(Seen::Broken), &thresholds, start);
    confirm(&mut machine, Seen::Broken, start);
    machine.on(Event::Data(Data::Silent), &thresholds, start);
    let again =
        |machine: &mut Machine, second| machine.on(Event::Quick(Seen::Broken), &thresholds, at(second)).wish;
    assert_eq!(again(&mut machine, 41), Some(Wish::Data));
    machine.on(Event::Data(Data::Silent), &thresholds, at(41));
    assert_eq!(again(&mut machine, 43), Some(Wish::LastActs));
    let acts = Event::LastActs { reference: true, control: Seen::Broken, data: Data::Silent };
    machine.on(acts, &thresholds, at(44));
    assert_eq!(machine.health(), Health::Unreachable);
    assert_eq!(again(&mut machine, 48), Some(Wish::LastActs));
    machine.on(acts, &thresholds, at(48));
    assert_eq!(machine.health(), Health::Down);
}

#[test]
fn what_is_lost_for_a_moment_on_its_way_back_is_still_on_its_way_back() {
    let thresholds = Thresholds::default();
    let start = Timestamp::from_timestamp(10_000, 0).unwrap();
    let at = |seconds| start + chrono::TimeDelta::seconds(seconds);
    let mut machine = Machine::new(Health::Healthy, start);
    die(&mut machine, &thresholds, start);
    machine.on(Event::Quick(Seen::Good), &thresholds, at(1));
    machine.on(Event::Quick(Seen::Silent), &thresholds, at(6));
    confirm(&mut machine, Seen::Silent, at(7));
    machine.on(Event::Data(Data::Silent), &thresholds, at(8));
    assert_eq!(machine.health(), Health::Unreachable);
    for second in [10, 16] {
        machine.on(Event::Quick(Seen::Good), &thresholds, at(second));
    }
    assert_eq!(machine.health(), Health::Recovering);
    assert!(machine.ramp(&thresholds, at(17)) < 0.2, "no full share by way of a relapse");
}

#[test]
fn two_voters_need_no_silence() {
    let start = Timestamp::from_timestamp(0, 0).unwrap();
    let thresholds = Thresholds::default();
    let silent = |vote: bool| {
        let mut machine = Machine::new(Health::Healthy, start);
        machine.on(Event::Quick(Seen::Silent), &thresholds, start);
        for _ in 0..thresholds.confirmations {
            machine.on(Event::Confirmation(Seen::Silent), &thresholds, start);
        }
        if vote {
            machine.on(Event::Vote, &thresholds, start);
        }
        machine.on(Event::Data(Data::Silent), &thresholds, start).wish
    };
    assert_eq!((silent(false), silent(true)), (None, Some(Wish::LastActs)));
}

#[test]
fn whoever_hears_nothing_convicts_nobody_whom_another_one_hears() {
    let start = Timestamp::from_timestamp(0, 0).unwrap();
    let thresholds = Thresholds::default();
    let after = |seen, data, event: Option<Event>| {
        let mut machine = Machine::new(Health::Healthy, start);
        machine.on(Event::Quick(seen), &thresholds, start);
        for _ in 0..thresholds.confirmations {
            machine.on(Event::Confirmation(seen), &thresholds, start);
        }
        machine.on(Event::Data(data), &thresholds, start);
        let late = start + thresholds.silence;
        if let Some(event) = event {
            machine.on(event, &thresholds, late);
        }
        machine.on(Event::Data(data), &thresholds, late).wish
    };
    let silent = |event| after(Seen::Silent, Data::Silent, event);
    assert_eq!(silent(None), Some(Wish::LastActs), "alone, long silence is enough");
    assert_eq!(silent(Some(Event::Dissent)), None);
    assert_eq!(silent(Some(Event::Vote)), Some(Wish::LastActs));
    // A refusal is an answer, and whose it is stands in no doubt.
    assert_eq!(after(Seen::Refused, Data::Refused, Some(Event::Dissent)), Some(Wish::LastActs));
}

#[test]
fn misconfigured_with_dead_endpoints_asks_once_after_ten_minutes() {
    let start = Timestamp::from_timestamp(0, 0).unwrap();
    let thresholds = Thresholds::default();
    let mut machine = Machine::new(Health::Healthy, start);
    machine.on(Event::Quick(Seen::Foreign), &thresholds, start);
    let mut asks = Vec::new();
    for minute in 0..30 {
        let now = start + chrono::TimeDelta::minutes(minute);
        if machine.on(Event::Data(Data::Silent), &thresholds, now).ask {
            asks.push(minute);
        }
    }
    assert_eq!((asks, machine.health()), (vec![10], Health::Misconfigured));
}

#[test]
fn real_calls_raise_a_doubt_and_degrade() {
    let start = Timestamp::from_timestamp(0, 0).unwrap();
    let thresholds = Thresholds::default();
    let mut machine = Machine::new(Health::Healthy, start);
    let call = |machine: &mut Machine, good| machine.on(Event::Call { good }, &thresholds, start);
    assert_eq!(call(&mut machine, false).wish, None);
    assert_eq!(call(&mut machine, false).wish, None);
    assert_eq!(call(&mut machine, false).wish, Some(Wish::Confirm));
    assert_eq!(machine.health(), Health::Suspect);
    let mut machine = Machine::new(Health::Healthy, start);
    for number in 0..20 {
        call(&mut machine, number % 4 != 0);
    }
    assert_eq!(machine.health(), Health::Degraded);
}

#[test]
fn blocked_stays_until_it_is_over_and_does_not_hide_a_death() {
    let start = Timestamp::from_timestamp(0, 0).unwrap();
    let thresholds = Thresholds::default();
    let mut machine = Machine::new(Health::Healthy, start);
    machine.on(Event::Blocked(true), &thresholds, start);
    machine.on(Event::Quick(Seen::Good), &thresholds, start);
    assert_eq!(machine.health(), Health::Blocked);
    let kept = serde_json::to_value(&machine).unwrap();
    assert_eq!(serde_json::from_value::<Machine>(kept).unwrap().health(), Health::Blocked);
    die(&mut machine.clone(), &thresholds, start);
    machine.on(Event::Blocked(false), &thresholds, start);
    assert_eq!(machine.health(), Health::Healthy);
}

/// I11, and the first law: no verdict without evidence on both planes, our own path proved, at the moment itself.
fn any_event() -> impl Strategy<Value = Event> {
    let seen = prop::sample::select(vec![
        Seen::Good,
        Seen::Refused,
        Seen::Silent,
        Seen::Broken,
        Seen::Foreign,
        Seen::Front,
        Seen::Local,
    ]);
    let data =
        prop::sample::select(vec![Data::Alive, Data::Refused, Data::Silent, Data::Unobservable, Data::Local]);
    prop_oneof![
        4 => seen.clone().prop_map(Event::Quick),
        8 => seen.clone().prop_map(Event::Confirmation),
        1 => any::<bool>().prop_map(|nodes_down| Event::Detailed { nodes_down }),
        4 => data.clone().prop_map(Event::Data),
        4 => (any::<bool>(), seen, data)
            .prop_map(|(reference, control, data)| Event::LastActs { reference, control, data }),
        2 => any::<bool>().prop_map(|good| Event::Call { good }),
        1 => Just(Event::Vote),
        1 => Just(Event::Dissent),
        1 => any::<bool>().prop_map(Event::Blocked),
        1 => Just(Event::Tick),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn i11_down_needs_every_proof(
        events in prop::collection::vec((any_event(), 0_u32..30_000), 1..80),
    ) {
        let thresholds = Thresholds::default();
        let start = Timestamp::from_timestamp(0, 0).unwrap();
        let mut machine = Machine::new(Health::Healthy, start);
        let mut now = start;
        let mut answered_since_failure = true;
        for (event, millis) in events {
            now += chrono::TimeDelta::milliseconds(i64::from(millis));
            let before = machine.clone();
            let step = machine.on(event, &thresholds, now);
            let after = machine.health();
            if let Event::Quick(seen) | Event::Confirmation(seen) = event {
                answered_since_failure = match seen {
                    Seen::Good | Seen::Front | Seen::Foreign => true,
                    Seen::Refused | Seen::Silent | Seen::Broken => false,
                    Seen::Local => answered_since_failure,
                };
            }
            if after == Health::Down && before.health() != Health::Down {
                prop_assert!(before.health() == Health::Unreachable, "{before:?}");
                let proved = matches!(event, Event::LastActs {
                    reference: true,
                    control: Seen::Refused | Seen::Silent | Seen::Broken,
                    data: Data::Refused | Data::Silent,
                });
                prop_assert!(proved && !answered_since_failure, "{event:?} {before:?}");
            }
            if let Event::Quick(Seen::Local) | Event::Data(Data::Local) = event {
                prop_assert!(after == before.health() || before.health() == Health::Recovering
                    || after == Health::Healthy || after == Health::Degraded, "{before:?}");
                prop_assert!(step.wish.is_none());
            }
            // What is stored goes on as the same.
            let kept: Machine = serde_json::from_str(&serde_json::to_string(&machine).unwrap()).unwrap();
            prop_assert_eq!(kept.health(), after);
        }
    }
}

fn standing(number: usize, health: Health, bad_since: Timestamp) -> Standing {
    let instance: InstanceId = format!("i{number}").parse().unwrap();
    Standing { instance, health, bad_since, evacuated: false }
}

fn fleet(total: usize, bad: usize, since: Timestamp) -> Vec<Standing> {
    let of = |number| if number < bad { Health::Unreachable } else { Health::Healthy };
    (0..total).map(|number| standing(number, of(number), since)).collect()
}

#[rstest]
#[case(1, 1, false)]
#[case(2, 1, false)]
#[case(2, 2, true)]
#[case(3, 1, false)]
#[case(3, 2, true)]
#[case(4, 2, false)]
#[case(10, 2, false)]
#[case(10, 3, true)]
#[case(50, 14, false)]
#[case(50, 25, true)]
fn i10_too_many_at_once_is_a_panic(#[case] total: usize, #[case] bad: usize, #[case] panics: bool) {
    let now = Timestamp::from_timestamp(1_000, 0).unwrap();
    let next = Panic::default().next(&fleet(total, bad, now), None, &Thresholds::default(), now);
    assert_eq!(next.since.is_some(), panics);
    // One after the other over hours is no panic.
    let long_ago = now - chrono::TimeDelta::hours(1);
    assert_eq!(
        Panic::default().next(&fleet(total, bad, long_ago), None, &Thresholds::default(), now),
        Panic::default()
    );
}

#[test]
fn a_panic_ends_after_two_calm_minutes_or_by_an_admins_word() {
    let thresholds = Thresholds::default();
    let start = Timestamp::from_timestamp(1_000, 0).unwrap();
    let at = |seconds| start + chrono::TimeDelta::seconds(seconds);
    let panic = Panic::default().next(&fleet(10, 5, start), None, &thresholds, start);
    let calm = panic.next(&fleet(10, 1, start), None, &thresholds, at(10));
    assert!(calm.since.is_some());
    let again = calm.next(&fleet(10, 5, start), None, &thresholds, at(100));
    assert_eq!(again.calm_since, None, "not calm: the two minutes begin anew");
    let calm = again.next(&fleet(10, 1, start), None, &thresholds, at(110));
    assert!(calm.next(&fleet(10, 1, start), None, &thresholds, at(229)).since.is_some());
    assert!(calm.next(&fleet(10, 1, start), None, &thresholds, at(230)).since.is_none());
    let resumed = panic.resumed(at(20));
    assert!(
        resumed.next(&fleet(10, 5, start), None, &thresholds, at(21)).since.is_none(),
        "not for the same"
    );
    assert!(resumed.next(&fleet(10, 5, at(22)), None, &thresholds, at(23)).since.is_some(), "for new ones");
    let mut left = fleet(10, 5, start);
    left.iter_mut().for_each(|one| one.evacuated = one.health != Health::Healthy);
    let calm = panic.next(&left, None, &thresholds, at(10));
    assert!(
        calm.next(&left, None, &thresholds, at(131)).since.is_none(),
        "whom nobody is left on counts no more"
    );
}

#[test]
fn our_own_path_dead_is_a_panic_as_long_as_it_lasts() {
    let thresholds = Thresholds::default();
    let start = Timestamp::from_timestamp(1_000, 0).unwrap();
    let at = |seconds| start + chrono::TimeDelta::seconds(seconds);
    let panic = Panic::default().next(&fleet(10, 0, start), Some(false), &thresholds, start);
    assert!(panic.since.is_some() && panic.own_path);
    let still = panic.next(&fleet(10, 0, start), Some(false), &thresholds, at(500));
    assert!(still.since.is_some());
    let over = still.next(&fleet(10, 0, start), Some(true), &thresholds, at(510));
    assert!(over.next(&fleet(10, 0, start), None, &thresholds, at(631)).since.is_none());
}

/// A tenth of the packets lost each way, a fleet of 20 for six hours: nobody is called dead.
#[test]
fn a_path_that_loses_packets_convicts_nobody() {
    struct Lossy(f64);
    impl World for Lossy {
        fn control(&mut self, _: Duration, timeout: Duration, rng: &mut StdRng) -> (Seen, Duration) {
            match over_loss(self.0, timeout, rng) {
                Some(took) => (Seen::Good, took),
                None => (Seen::Silent, timeout),
            }
        }
        fn data(&mut self, _: Duration, timeout: Duration, rng: &mut StdRng) -> (Data, Duration) {
            match over_loss(self.0, timeout, rng) {
                Some(took) => (Data::Alive, took),
                None => (Data::Silent, timeout),
            }
        }
        fn reference(&mut self, _: Duration) -> bool {
            true
        }
    }
    for seed in 0..20 {
        let changes = run(&mut Lossy(0.1), &Thresholds::default(), seconds(6 * 3_600), seed);
        assert!(changes.iter().all(|change| change.to != Health::Down), "{seed}");
    }
}
