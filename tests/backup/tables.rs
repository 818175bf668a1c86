//! All tables as they stand in a database, read behind the store's back; and rows for each of them.

use std::collections::BTreeMap;

use karvan::domain::backup::{ColumnKind, Manifest};
use sea_orm::{ConnectionTrait, Database, Statement};
use serde_json::Value;

use crate::db::Db;

/// The rows of each table, every value in the one spelling that both kinds of database share.
pub async fn contents(db: &Db, manifest: &Manifest) -> BTreeMap<String, Vec<Vec<Option<String>>>> {
    let raw = Database::connect(&db.url).await.unwrap();
    let mut all = BTreeMap::new();
    for table in &manifest.tables {
        let mut names: Vec<&(String, ColumnKind)> = table.columns.iter().collect();
        // A column that a later step added stands elsewhere where the table was made at once.
        names.sort_by(|a, b| a.0.cmp(&b.0));
        let column = |(name, kind): &&(String, ColumnKind)| match kind {
            // As text SQLite writes fifteen digits of it.
            ColumnKind::Real => format!("\"{name}\""),
            _ => format!("CAST(\"{name}\" AS TEXT)"),
        };
        let columns: Vec<String> = names.iter().map(column).collect();
        let query = format!("SELECT {} FROM \"{}\"", columns.join(", "), table.name);
        let statement = Statement::from_string(raw.get_database_backend(), query);
        let mut rows = Vec::new();
        for row in raw.query_all_raw(statement).await.unwrap() {
            let cell = |at: usize, kind| {
                if kind == ColumnKind::Real {
                    let real: Option<f64> = row.try_get_by_index(at).unwrap();
                    return real.map(|real| format!("{real:?}"));
                }
                let text: Option<String> = row.try_get_by_index(at).unwrap();
                text.map(|text| spelled(kind, &text))
            };
            rows.push(names.iter().enumerate().map(|(at, (_, kind))| cell(at, *kind)).collect::<Vec<_>>());
        }
        rows.sort();
        all.insert(table.name.clone(), rows);
    }
    raw.close().await.unwrap();
    all
}

fn spelled(kind: ColumnKind, text: &str) -> String {
    match kind {
        ColumnKind::Int | ColumnKind::Real | ColumnKind::Text | ColumnKind::Bytes => text.to_owned(),
        ColumnKind::Flag => matches!(text, "1" | "true" | "t").to_string(),
        ColumnKind::Json => text.parse::<Value>().unwrap().to_string(),
        ColumnKind::Time => {
            // PostgreSQL writes `2026-11-21 12:00:00.5+00`.
            let text = text.replace(' ', "T");
            let text = if text.ends_with("+00") { format!("{text}:00") } else { text };
            chrono::DateTime::parse_from_rfc3339(&text).unwrap().to_utc().to_rfc3339()
        }
    }
}

/// Puts three rows into every table of a SQLite database, odd ones among them. All numbers and texts of a row are made of
/// its number alone, so that rows refer to each other; what may be missing is missing in the second.
pub async fn fill(db: &Db, manifest: &Manifest) {
    let raw = Database::connect(&db.url).await.unwrap();
    for table in &manifest.tables {
        // The schema began with some of its own.
        raw.execute_unprepared(&format!("DELETE FROM \"{}\"", table.name)).await.unwrap();
        let info =
            format!("SELECT name, type, \"notnull\" AS must, pk FROM pragma_table_info('{}')", table.name);
        let info = raw.query_all_raw(Statement::from_string(raw.get_database_backend(), info)).await.unwrap();
        for number in 1..=3_i64 {
            let (mut names, mut values) = (Vec::new(), Vec::new());
            for column in &info {
                let name: String = column.try_get("", "name").unwrap();
                let declared: String = column.try_get("", "type").unwrap();
                let free = column.try_get::<i32>("", "must").unwrap() == 0;
                let key = column.try_get::<i32>("", "pk").unwrap() > 0;
                let kind = table.columns.iter().find(|(known, _)| *known == name).unwrap().1;
                let refers =
                    key || ["_id", "owner", "code", "instance"].iter().any(|end| name.ends_with(end));
                let missing = free && !key && number == 2;
                values.push(if missing { "NULL".to_owned() } else { odd(kind, &declared, number, refers) });
                names.push(format!("\"{name}\""));
            }
            let row = format!(
                "INSERT INTO \"{}\" ({}) VALUES ({})",
                table.name,
                names.join(", "),
                values.join(", ")
            );
            raw.execute_unprepared(&row).await.unwrap_or_else(|error| panic!("{row}: {error}"));
        }
    }
    raw.close().await.unwrap();
}

fn odd(kind: ColumnKind, declared: &str, number: i64, refers: bool) -> String {
    match kind {
        // More than a float can tell apart.
        ColumnKind::Int if !refers && declared == "bigint" && number == 3 => "9007199254740993".to_owned(),
        ColumnKind::Int => number.to_string(),
        ColumnKind::Real => {
            ["0.1", "1e-7", "12345.678901234567"][usize::try_from(number).unwrap() - 1].to_owned()
        }
        ColumnKind::Flag => (number % 2).to_string(),
        ColumnKind::Text if refers => format!("'t{number}'"),
        ColumnKind::Text => format!("'t{number} it''s «سلام»\n\t\\N \"🙂\"'"),
        ColumnKind::Time => format!("'2026-11-2{number}T12:00:0{number}.12345{number}+00:00'"),
        ColumnKind::Json => format!(r#"'{{"b":0.1,"a":[{number},9007199254740993,null,"é''\n"],"c":{{}}}}'"#),
        ColumnKind::Bytes => format!("x'00ff0{number}'"),
    }
}
