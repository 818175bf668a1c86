//! A fleet file into the database. The same file twice changes nothing; what is not in the file is left alone.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, bail};
use secrecy::SecretString;
use serde::Deserialize;

use crate::app;
use crate::domain::instance::{BaseUrl, Connection, Mode, PanelKind, Weight};
use crate::domain::{InstanceId, Region};
use crate::service::fleet::{Draft, Edit, Fleet, InstanceView};
use crate::settings::{Environment, Settings};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    instances: Vec<serde_yaml_ng::Value>,
}

/// A panel in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: InstanceId,
    name: Option<String>,
    #[serde(default)]
    note: String,
    #[serde(default = "marzban")]
    kind: PanelKind,
    #[serde(default = "manage")]
    mode: Mode,
    base_url: BaseUrl,
    username: String,
    password_env: String,
    region: Region,
    provider: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default = "one")]
    priority: u16,
    #[serde(default = "even")]
    weight: Weight,
    max_users: u32,
    #[serde(default)]
    connection: Connection,
}

fn marzban() -> PanelKind {
    PanelKind::Marzban
}

fn manage() -> Mode {
    Mode::Manage
}

fn one() -> u16 {
    1
}

fn even() -> Weight {
    Weight::ONE
}

pub(super) async fn import(
    settings: &Settings,
    environment: &Environment,
    file: &Path,
    text: &str,
    dry_run: bool,
) -> anyhow::Result<()> {
    let shown = file.display();
    let drafts = parse(text, environment).with_context(|| format!("{shown} cannot be used"))?;
    let (fleet, store) = app::fleet(settings).await?;
    let done = take(&fleet, &drafts, dry_run).await;
    store.close().await?;
    done
}

/// All entries, or all mistakes together.
fn parse(text: &str, environment: &Environment) -> anyhow::Result<Vec<Draft>> {
    let file: File = serde_yaml_ng::from_str(text).context("expected a list under `instances:`")?;
    let (mut drafts, mut mistakes) = (Vec::new(), Vec::new());
    let (mut seen, mut places) = (BTreeSet::new(), BTreeSet::new());
    for (number, value) in (1..).zip(file.instances) {
        let entry = match serde_yaml_ng::from_value::<Entry>(value) {
            Ok(entry) => entry,
            Err(error) => {
                mistakes.push(format!("instance {number}: {error}"));
                continue;
            }
        };
        if !seen.insert(entry.id.clone()) {
            mistakes.push(format!("instance {number}: the id {} stands twice", entry.id));
        }
        if !places.insert(entry.base_url.as_str().to_owned()) {
            mistakes.push(format!("instance {number} ({}): this base_url stands twice", entry.id));
        }
        match environment.get(&entry.password_env) {
            Some(password) => {
                let password = password.to_owned().into();
                drafts.push(entry.draft(password));
            }
            None => mistakes.push(format!(
                "instance {number} ({}): the variable {} is not set; put the panel's password there",
                entry.id, entry.password_env
            )),
        }
    }
    if mistakes.is_empty() { Ok(drafts) } else { bail!("{}", mistakes.join("\n")) }
}

impl Entry {
    fn draft(self, password: SecretString) -> Draft {
        Draft {
            name: self.name.unwrap_or_else(|| self.id.to_string()),
            id: Some(self.id),
            note: self.note,
            kind: self.kind,
            mode: self.mode,
            base_url: self.base_url,
            username: self.username,
            password,
            region: self.region,
            provider: self.provider,
            tags: self.tags,
            priority: self.priority,
            weight: self.weight,
            max_users: self.max_users,
            connection: self.connection,
        }
    }
}

/// What the file means for one instance.
enum Act {
    Add,
    Change(Vec<Edit>),
    Nothing,
}

/// What is to be done for each draft, or all that stands in the way.
async fn plan(fleet: &Fleet, drafts: &[Draft]) -> anyhow::Result<Vec<Act>> {
    let views = fleet.list().await?;
    let (mut acts, mut mistakes) = (Vec::new(), Vec::new());
    for draft in drafts {
        let id = name(draft);
        let elsewhere =
            views.iter().find(|view| view.instance.base_url == draft.base_url && view.instance.id != *id);
        if let Some(view) = elsewhere {
            mistakes.push(format!("{id}: this panel is in the fleet already, as {}", view.instance.id));
        }
        let Some(view) = views.iter().find(|view| view.instance.id == *id) else {
            acts.push(Act::Add);
            continue;
        };
        let edits = differences(view, draft, fleet.is_password(id, &draft.password).await?);
        acts.push(if edits.is_empty() { Act::Nothing } else { Act::Change(edits) });
    }
    if mistakes.is_empty() { Ok(acts) } else { bail!("nothing is changed:\n{}", mistakes.join("\n")) }
}

fn name(draft: &Draft) -> &InstanceId {
    draft.id.as_ref().expect("every entry has an id")
}

async fn take(fleet: &Fleet, drafts: &[Draft], dry_run: bool) -> anyhow::Result<()> {
    for (draft, act) in drafts.iter().zip(plan(fleet, drafts).await?) {
        let id = name(draft);
        match act {
            Act::Nothing => println!("{id}: unchanged"),
            Act::Add => {
                println!("{id}: {}", if dry_run { "would be added" } else { "is added" });
                if !dry_run {
                    fleet.add(None, draft).await.with_context(|| format!("{id} is not added"))?;
                }
            }
            Act::Change(edits) => {
                let fields: Vec<_> = edits.iter().map(Edit::field).collect();
                println!("{id}: {} {}", if dry_run { "would change" } else { "changes" }, fields.join(", "));
                if dry_run {
                    continue;
                }
                for edit in edits {
                    fleet.edit(None, id, edit).await.with_context(|| format!("{id} is not changed"))?;
                }
            }
        }
    }
    Ok(())
}

/// What the file says otherwise than the database.
fn differences(view: &InstanceView, draft: &Draft, same_password: bool) -> Vec<Edit> {
    let instance = &view.instance;
    let mut edits = Vec::new();
    let mut differ = |differs: bool, edit: Edit| {
        if differs {
            edits.push(edit);
        }
    };
    let login = Edit::Login(draft.username.clone(), draft.password.clone());
    differ(instance.username != draft.username || !same_password, login);
    differ(instance.base_url != draft.base_url, Edit::BaseUrl(draft.base_url.clone()));
    differ(instance.name != draft.name, Edit::Name(draft.name.clone()));
    differ(instance.note != draft.note, Edit::Note(draft.note.clone()));
    differ(instance.region != draft.region, Edit::Region(draft.region.clone()));
    differ(instance.provider != draft.provider, Edit::Provider(draft.provider.clone()));
    differ(instance.tags != draft.tags, Edit::Tags(draft.tags.clone()));
    differ(instance.priority != draft.priority, Edit::Priority(draft.priority));
    differ(instance.weight != draft.weight, Edit::Weight(draft.weight));
    differ(instance.max_users != draft.max_users, Edit::MaxUsers(draft.max_users));
    differ(instance.connection != draft.connection, Edit::Connection(draft.connection.clone()));
    differ(instance.mode != draft.mode, Edit::Mode(draft.mode));
    edits
}
