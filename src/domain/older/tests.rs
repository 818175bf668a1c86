use chrono::{TimeZone, Utc};
use proptest::prelude::*;
use rstest::rstest;

use super::dump::{Unusable, is_dump};
use super::*;

fn older(dump: &str) -> Older {
    assert!(is_dump(dump));
    read(&dump::read(dump).unwrap())
}

fn left_out(older: &Older) -> Vec<String> {
    older.left_out.iter().map(ToString::to_string).collect()
}

/// As `pg_dump` writes it: a schema before names, `COPY`, commands of psql's own, other tables between.
const COPY: &str = r"--
-- PostgreSQL database dump
--
\restrict q1w2e3

SET client_encoding = 'UTF8';
CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.updated_at = now(); INSERT INTO configs VALUES (1); RETURN NEW; END; $$;
CREATE TABLE public.marzban_instances (
    id character varying(50) NOT NULL,
    base_url text NOT NULL,
    CONSTRAINT positive CHECK ((priority >= (0)::numeric))
);
COPY public.marzban_instances (id, name, base_url, username, password, is_active, priority, country, max_users) FROM stdin;
s001	Frankfurt; one	https://vpn1.example.com:8000/	admin	s3\\cret\twith tab	t	100	DE	500
s002	Turku	vpn2.example.com	admin	\N	f	200	Finland	0
s003	\N	ftp://vpn3.example.com	admin	x	t	1	\N	\N
s004	Xui	\N	admin	x	t	1	\N	\N
\.

COPY public.payments (id, note) FROM stdin;
1	CREATE TABLE configs (id int);
\.

COPY public.users (id, telegram_id, first_name, username, language_code, is_banned) FROM stdin;
7	123456789	Bob	@bob	ru	f
8	223456789	Eve	\N	\N	t
9	\N	Nobody	\N	\N	f
\.

COPY public.user_node_assignments (id, user_id, node_id, marzban_username, is_active) FROM stdin;
1	7	3	bob_de	t
2	70	3	nobody	t
3	7	3	bob_old	f
4	8	3	eve	t
5	7	4	bob_nl	t
6	7	5	bob_fi	t
\.

COPY public.vpn_nodes (id, instance_id, name, country_code, url) FROM stdin;
3	s001	de-1	de	https://node.example.com:62050
4	\N	nl-1	nl	\N
\.
";

#[test]
fn a_dump_of_postgres_is_read() {
    let older = older(COPY);
    let [one, two] = &older.panels[..] else { panic!("{older:?}") };
    assert_eq!(
        (one.place.to_string().as_str(), one.base_url.as_str()),
        ("marzban_instances s001", "https://vpn1.example.com:8000")
    );
    assert_eq!(
        (one.name.as_deref(), one.password.as_deref()),
        (Some("Frankfurt; one"), Some("s3\\cret\twith tab"))
    );
    assert_eq!(
        (one.region.clone(), one.max_users, one.priority, one.active),
        ("de".parse().ok(), Some(500), Some(100), true)
    );
    assert_eq!((two.base_url.as_str(), two.password.as_deref()), ("https://vpn2.example.com", None));
    assert_eq!(
        (two.region.clone(), two.max_users, two.active),
        (None, None, false),
        "a cap of nothing is none"
    );
    let people: Vec<_> =
        older.people.iter().map(|person| (person.id.0, person.username.as_deref())).collect();
    assert_eq!(people, [(123_456_789, Some("bob"))], "who is banned there does not come along");
    let [bobs] = &older.accounts[..] else { panic!("{older:?}") };
    assert_eq!(
        (bobs.panel.as_ref(), bobs.name.as_deref(), bobs.owner.0),
        (Some(&one.place), Some("bob_de"), 123_456_789)
    );
    assert_eq!(older.switched_off, 3, "a banned person, her account, one that is switched off");
    let expected = [
        "users 9: no Telegram id",
        "marzban_instances s003: the address must begin with",
        "marzban_instances s004: no address",
        "user_node_assignments 2: its owner is not in the table users",
        "user_node_assignments 5: its node names no panel",
        "user_node_assignments 6: its node is not in the table vpn_nodes",
    ];
    let left_out = left_out(&older);
    assert_eq!(left_out.len(), expected.len(), "{left_out:#?}");
    for (line, begins) in left_out.iter().zip(expected) {
        assert!(line.starts_with(begins) && line.contains(';'), "{line}: {begins}");
    }
    assert!(!format!("{older:?}").contains("cret"), "secrets are not shown");
}

#[test]
fn a_dump_of_sqlite_is_read() {
    let older = older(
        "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n\
         CREATE TABLE servers (id INTEGER PRIMARY KEY, host TEXT NOT NULL, port INT, login TEXT, password VARCHAR(9), \
         \"location\" TEXT DEFAULT 'a,b)', weight REAL, CHECK (port > 0), UNIQUE (host));\n\
         INSERT INTO servers VALUES(4,'vpn4.example.com',2053,'root','it''s; (a) secret','nl',2.5);\n\
         INSERT INTO servers VALUES(5,'ssh.example.com',22,'root','x','nl',1.0);\n\
         CREATE TABLE IF NOT EXISTS \"configs\" (id INT, telegram_id BIGINT, server_id INT, email TEXT, note TEXT, \
         expire INT, data_limit_gb REAL);\n\
         INSERT INTO \"configs\" VALUES(1,987654321,4,'user, one',replace('two\\nlines','\\n',char(10)),1800000000,1.5);\n\
         INSERT INTO configs VALUES(2,NULL,4,'x',NULL,0,NULL),(3,12,4,'y','',NULL,0);\n\
         CREATE TRIGGER t AFTER INSERT ON servers BEGIN UPDATE servers SET port = 1; INSERT INTO configs VALUES(9); END;\n\
         COMMIT;\n",
    );
    assert_eq!(older.panels.len(), 1, "a server without a panel is none");
    let panel = &older.panels[0];
    assert_eq!(
        (panel.base_url.as_str(), panel.username.as_deref()),
        ("https://vpn4.example.com:2053", Some("root"))
    );
    assert_eq!(panel.password.as_deref(), Some("it's; (a) secret"));
    assert_eq!((panel.weight, panel.region.clone()), (Weight::try_from(2.5).ok(), "nl".parse().ok()));
    let [account] = &older.accounts[..] else { panic!("{older:?}") };
    assert_eq!((account.name.as_deref(), account.owner.0), (Some("user, one"), 987_654_321));
    assert_eq!(account.expires_at, Utc.timestamp_opt(1_800_000_000, 0).single());
    assert_eq!(account.data_limit, Some(3 << 29));
    let left_out = left_out(&older);
    assert!(left_out[0].starts_with("configs 2: no owner") && left_out.len() == 2, "{left_out:?}");
    assert!(left_out[1].starts_with("configs 3: its owner is no Telegram id"), "{left_out:?}");
}

/// By hand, as an installation guide has it; the panels have moved to another table, and a column has kept its name.
#[test]
fn inserts_with_comments_and_conflicts_are_read() {
    let older = older(
        "INSERT INTO marzban_instances (id, name, base_url, username, password, is_active, priority)\n\
         VALUES (\n    's001', -- the first\n    'Main', 'https://s001.example.com:8000/', 'admin', /* later */ '8457',\n\
         TRUE,\n    100\n)\nON CONFLICT (id) DO UPDATE SET base_url = EXCLUDED.base_url;\n\
         INSERT INTO public.configs (id, tg_id, name, vless_link, server_id, username, deleted) VALUES\n\
         (1, 123456789, 'Configuration 1', 'vless://b831381d-6324-4d53-ad4f-8cda48b30811@h:443?x#y', 's001', 'orbit_1', FALSE),\n\
         (2, 123456789, E'It\\'s', NULL, 's001', NULL, false),\n\
         (3, 123456789, 'c', 'vless://b831381d-6324-4d53-ad4f-8cda48b30812@h:443', 's001'::character varying, NULL, NULL),\n\
         (4, 123456789, 'd', NULL, NULL, 'orbit_4', NULL),\n\
         (5, 123456789, 'e', NULL, 's009', 'orbit_5', NULL),\n\
         (6, 123456789, 'f', NULL, 's001', 'orbit_6', TRUE);\n",
    );
    assert_eq!((older.panels.len(), older.switched_off), (1, 1));
    let named: Vec<_> = older
        .accounts
        .iter()
        .map(|account| {
            (
                account.place.id.as_str(),
                account.panel.is_some(),
                account.name.as_deref(),
                account.uuid.is_some(),
            )
        })
        .collect();
    assert_eq!(
        named,
        [("1", true, Some("orbit_1"), true), ("3", true, None, true), ("4", false, Some("orbit_4"), false)]
    );
    let left_out = left_out(&older);
    assert!(left_out[0].starts_with("configs 2: no account") && left_out.len() == 2, "{left_out:?}");
    assert!(left_out[1].starts_with("configs 5: its panel is in none"), "{left_out:?}");
}

#[test]
fn the_number_of_a_person_is_no_telegram_id() {
    let row = |owner: &str| format!("INSERT INTO configs (id, user_id, username) VALUES (1, {owner}, 'a');");
    assert_eq!(older(&row("7")).left_out[0].why, Why::OwnerNumber);
    assert_eq!(older(&row("123456789")).accounts[0].owner.0, 123_456_789, "there is no table of people");
    // Where the table of people has no other number, theirs is Telegram's.
    let people = "INSERT INTO users (id, name) VALUES (123456789, 'Bob');";
    assert_eq!(older(&format!("{people}{}", row("123456789"))).accounts[0].owner.0, 123_456_789);
    let people = "INSERT INTO users (tg_id, name) VALUES (123456789, 'Bob');";
    assert_eq!(older(&format!("{people}{}", row("123456789"))).accounts[0].owner.0, 123_456_789);
    let people = "INSERT INTO users (id, telegram_id) VALUES (123456789, 987654321);";
    assert_eq!(older(&format!("{people}{}", row("123456789"))).accounts[0].owner.0, 987_654_321);
}

#[test]
fn what_another_panel_is_or_another_program_sealed_is_told() {
    let older = older(
        "INSERT INTO vpn_nodes (id, name, x3ui_url, x3ui_username, x3ui_password) VALUES (1, 'a', 'https://x', 'u', 'p');\
         INSERT INTO servers (id, panel_url, username, password) VALUES (1, 'https://a.example', 'u', 'gAAAAABl'), \
         (2, 'https://b.example', 'u', '$2b$12$x');",
    );
    assert_eq!(older.left_out[0].why, Why::ForeignKind);
    assert!(older.panels.iter().all(|panel| panel.password.is_none()));
}

#[test]
fn a_panel_stands_where_its_nodes_do_if_they_agree() {
    let dump = |second: &str| {
        format!(
            "INSERT INTO marzban_instances (id, base_url) VALUES ('a', 'https://a.example');\
             INSERT INTO vpn_nodes (id, marzban_instance_id, country_code) VALUES (1, 'a', 'fi'), (2, 'a', '{second}');"
        )
    };
    assert_eq!(older(&dump("FI")).panels[0].region, "fi".parse().ok());
    assert_eq!(older(&dump("de")).panels[0].region, None);
}

#[rstest]
#[case("INSERT INTO configs (id, name) VALUES (1, 'it;", Unusable::Cut)]
#[case("INSERT INTO configs (id, name) VALUES (1, 'it'", Unusable::Cut)]
#[case("COPY configs (id, name) FROM stdin;\n1\ta\n", Unusable::Cut)]
#[case("INSERT INTO configs VALUES (1, 'x');", Unusable::Columns("configs".to_owned()))]
#[case("INSERT INTO configs (id, name) VALUES (1, 'x', 2);", Unusable::Width("configs".to_owned()))]
#[case("COPY configs (id, name) FROM stdin;\n1\n\\.\n", Unusable::Width("configs".to_owned()))]
fn a_broken_dump_is_refused(#[case] text: &str, #[case] expected: Unusable) {
    assert_eq!(dump::read(text), Err(expected));
}

#[test]
fn a_fleet_file_is_no_dump() {
    assert!(!is_dump("instances:\n  - id: de001\n    name: INSERT INTO x\n"));
}

#[rstest]
#[case("1800000000", Some(1_800_000_000))]
#[case("1800000000000", Some(1_800_000_000))]
#[case("0", None)]
#[case("2027-01-15", Some(1_799_971_200))]
#[case("2027-01-15 08:00:00", Some(1_800_000_000))]
#[case("2027-01-15 08:00:00.25", Some(1_800_000_000))]
#[case("2027-01-15 11:00:00+03", Some(1_800_000_000))]
#[case("2027-01-15T08:00:00Z", Some(1_800_000_000))]
#[case("2027-01-15T08:00:00.000001", Some(1_800_000_000))]
#[case("tomorrow", None)]
fn times_as_databases_write_them(#[case] text: &str, #[case] expected: Option<i64>) {
    let row = Row::from([("expire".to_owned(), text.to_owned())]);
    assert_eq!(row.time(&columns::EXPIRES).map(|time| time.timestamp()), expected);
}

proptest! {
    #[test]
    fn no_dump_makes_it_panic(
        text in "(COPY|INSERT INTO|CREATE TABLE)? ?(servers)? ?([ -~\n\t'();,é$]|VALUES|FROM stdin;\n|\\$\\$){0,60}"
    ) {
        drop(dump::read(&text).map(|tables| read(&tables)));
    }

    /// Whatever stands in a cell, both kinds of dump bring the same.
    #[test]
    fn a_cell_survives_both_kinds_of_dump(cell in "[ -~é\n\t\\\\']{1,20}") {
        let quoted = cell.replace('\'', "''");
        let insert = format!("INSERT INTO configs (id, email) VALUES (1, '{quoted}');");
        let escaped = cell.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n");
        let copy = format!("COPY configs (id, email) FROM stdin;\n1\t{escaped}\n\\.\n");
        let expected = Row::from([("id".to_owned(), "1".to_owned()), ("email".to_owned(), cell)]);
        prop_assert_eq!(&dump::read(&insert).unwrap()["configs"][0], &expected);
        prop_assert_eq!(&dump::read(&copy).unwrap()["configs"][0], &expected);
    }
}
