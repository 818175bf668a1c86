//! The dialogue that takes a panel into the fleet: address, login, a live test, location, name, cap, a last look.
//!
//! Each step is stored before its question is shown, so that a restart changes nothing; the message with the password is
//! deleted before it is read. Nothing is saved before the last button.

use secrecy::SecretString;
use teloxide::types::Message;

use super::dialogue::{AdminStep, Asks};
use super::press::AdminPress;
use super::sheet::{Next, Sheet, Test};
use super::value::{self, Beside};
use super::{back, button, claim, delete, edit, nodes, patiently, show};
use crate::domain::Region;
use crate::panel::{Inspection, PanelError};
use crate::service::fleet::{Edit, FleetError};
use crate::telegram::dialogue::{Step, Talk};
use crate::telegram::{Admin, Button, HandlerResult, Screen, Visit};
use crate::text::admin::addnode::{self as words, Question};
use crate::text::admin::panel::{self, Field};
use crate::text::admin::{self, Misfit, button as label};
use crate::text::{self, Html};

/// Caps to take with a tap.
const CAPS: [u32; 4] = [100, 300, 500, 1000];
/// Locations that many rent servers in, offered beside those of the fleet.
const POPULAR: [&str; 10] = ["de", "nl", "fi", "se", "fr", "gb", "pl", "us", "tr", "kz"];
/// Locations on one screen.
const PLACES: usize = 12;
/// What few need, besides the connection.
const FEW: [Field; 5] = [Field::Priority, Field::Weight, Field::Tags, Field::Provider, Field::Note];

/// A new panel.
pub async fn begin(visit: &Visit, talk: &Talk) -> HandlerResult {
    go_on(visit, talk, Sheet::default(), Some(words::begin(&visit.t))).await
}

/// On to what is missing.
async fn go_on(visit: &Visit, talk: &Talk, sheet: Sheet, head: Option<Html>) -> HandlerResult {
    match sheet.next() {
        Next::Ask(question) => ask(visit, talk, sheet, question, head).await,
        Next::Test => test(visit, talk, sheet, head).await,
        Next::Review => review(visit, talk, sheet, head).await,
    }
}

/// The conversation stands here now.
async fn stand(talk: &Talk, asks: Asks, sheet: &Sheet) -> HandlerResult {
    talk.update(Step::Admin(AdminStep::Add { asks, sheet: Box::new(sheet.clone()) })).await?;
    Ok(())
}

fn leave(visit: &Visit) -> Button {
    button(text::button::cancel(&visit.t), AdminPress::Leave)
}

/// A question, with answers to tap where there are some.
async fn ask(
    visit: &Visit,
    talk: &Talk,
    sheet: Sheet,
    question: Question,
    head: Option<Html>,
) -> HandlerResult {
    stand(talk, Asks::Question(question), &sheet).await?;
    let t = &visit.t;
    let taps = match question {
        Question::Region => {
            let places = places(visit, sheet.hinted_region()).await?;
            let place = |region: &Region| {
                button(text::region::label(t, region), AdminPress::AddRegion(region.clone()))
            };
            places.iter().map(place).collect()
        }
        Question::Name => suggested_name(visit, &sheet)
            .await?
            .map(|name| button(name, AdminPress::AddName))
            .into_iter()
            .collect(),
        Question::Cap => CAPS.map(|cap| button(words::cap(t, cap), AdminPress::AddCap(cap))).to_vec(),
        Question::Address | Question::Username | Question::Password => Vec::new(),
    };
    let body = Html::paragraphs([head.unwrap_or_default(), words::ask(t, question)]);
    show(visit, "panel-add", Screen::new(body).grid(2, taps).row([leave(visit)])).await
}

/// Locations to offer: the one that the name hints at, those of the fleet, and some that many use.
pub(super) async fn places(visit: &Visit, hint: Option<Region>) -> anyhow::Result<Vec<Region>> {
    let fleet = visit.desk.fleet.list().await?.into_iter().map(|view| view.instance.region);
    let popular = POPULAR.iter().filter_map(|code| code.parse().ok());
    let mut places: Vec<Region> = Vec::new();
    for region in hint.into_iter().chain(fleet).chain(popular) {
        if !places.contains(&region) {
            places.push(region);
        }
    }
    places.truncate(PLACES);
    Ok(places)
}

/// `Germany 2`: the location, and the first number that no panel has yet.
async fn suggested_name(visit: &Visit, sheet: &Sheet) -> anyhow::Result<Option<String>> {
    let Some(region) = &sheet.region else { return Ok(None) };
    let taken: Vec<_> = visit.desk.fleet.list().await?.into_iter().map(|view| view.instance.name).collect();
    let mut names = (1..=999).map(|number| words::name(&visit.t, region, number));
    Ok(names.find(|name| !taken.contains(name)))
}

/// Asks the panel, and shows what it answers.
async fn test(visit: &Visit, talk: &Talk, mut sheet: Sheet, head: Option<Html>) -> HandlerResult {
    let Some(draft) = sheet.to_test() else { return Ok(()) };
    sheet.test = Test::Due;
    stand(talk, Asks::Button, &sheet).await?;
    let t = &visit.t;
    let found = patiently(visit, panel::testing(t), visit.desk.fleet.try_out(&draft)).await?;
    sheet.test = match problem(&found) {
        None => Test::Good,
        Some(problem) => Test::Bad { problem: problem.to_owned(), accepted: false },
    };
    stand(talk, Asks::Button, &sheet).await?;
    let body = Html::paragraphs([head.unwrap_or_default(), words::tested(t, &found)]);
    show(visit, "panel-add", tested(visit, body, &sheet)).await
}

/// Why keys could not be made there, as a short machine word.
fn problem(found: &Result<Inspection, PanelError>) -> Option<&'static str> {
    match found {
        Err(error) => Some(error.word()),
        Ok(_) if words::is_usable(found) => None,
        Ok(inspection) if inspection.inbounds.is_empty() => Some("no-inbounds"),
        Ok(_) => Some("core-stopped"),
    }
}

/// What can be done after a test.
fn tested(visit: &Visit, body: Html, sheet: &Sheet) -> Screen {
    let t = &visit.t;
    let screen = Screen::new(body);
    let more = button(label::advanced(t), AdminPress::AddMore);
    let again = button(text::button::try_again(t), AdminPress::AddTest);
    match &sheet.test {
        Test::Good => {
            screen.row([button(label::go_on(t), AdminPress::AddOn), more]).row([again, leave(visit)])
        }
        Test::Due | Test::Bad { .. } => screen
            .row([again, more])
            .row([
                button(label::change_address(t), AdminPress::AddAsk(Question::Address)),
                button(label::change_login(t), AdminPress::AddAsk(Question::Username)),
            ])
            .row([button(label::save_anyway(t), AdminPress::AddAnyway), leave(visit)]),
    }
}

/// All answers, and shall it be saved?
async fn review(visit: &Visit, talk: &Talk, sheet: Sheet, head: Option<Html>) -> HandlerResult {
    let Some(draft) = sheet.draft() else { return Ok(()) };
    stand(talk, Asks::Button, &sheet).await?;
    let t = &visit.t;
    let problem = match &sheet.test {
        Test::Bad { problem, .. } => Some(problem.as_str()),
        Test::Due | Test::Good => None,
    };
    let another = |question, field: Field| button(field.name(t), AdminPress::AddAsk(question));
    let body = Html::paragraphs([head.unwrap_or_default(), words::review(t, &draft, problem)]);
    let screen = Screen::new(body)
        .row([button(label::save(t), AdminPress::AddSave { screen: 0 })])
        .row([
            another(Question::Name, Field::Name),
            another(Question::Region, Field::Region),
            another(Question::Cap, Field::Cap),
        ])
        .row([button(label::advanced(t), AdminPress::AddMore), leave(visit)]);
    show(visit, "panel-add", screen).await
}

/// What few need, with its values.
async fn more(visit: &Visit, talk: &Talk, sheet: Sheet, head: Option<Html>) -> HandlerResult {
    let Some(shown) = sheet.to_show() else { return go_on(visit, talk, sheet, head).await };
    stand(talk, Asks::Button, &sheet).await?;
    let t = &visit.t;
    let fields = || edit::CONNECTION.into_iter().chain(FEW);
    let body = words::advanced(t, fields().map(|field| (field, field.value(t, &shown))));
    let body = Html::paragraphs([head.unwrap_or_default(), body]);
    let of = |field: Field| button(label::field(t, field), AdminPress::AddField(field));
    let screen = Screen::new(body)
        .grid(1, edit::CONNECTION.map(of))
        .grid(2, FEW.map(of))
        .row([button(label::go_on(t), AdminPress::AddOn), leave(visit)]);
    show(visit, "panel-add", screen).await
}

/// A field that few need: its value, please.
async fn ask_field(
    visit: &Visit,
    talk: &Talk,
    sheet: Sheet,
    field: Field,
    wrong: Option<Misfit>,
) -> HandlerResult {
    let Some(shown) = sheet.to_show() else { return go_on(visit, talk, sheet, None).await };
    stand(talk, Asks::Field(field), &sheet).await?;
    let t = &visit.t;
    let wrong = wrong.map(|why| admin::invalid(t, why)).unwrap_or_default();
    let body = Html::paragraphs([wrong, panel::edit_ask(t, field, Some(&shown))]);
    let clear = value::clear(field, &sheet.connection).is_some();
    let clear = clear.then(|| button(label::clear(t), AdminPress::AddClear(field)));
    let screen = Screen::new(body).row(clear).row([back(t, AdminPress::AddMore), leave(visit)]);
    show(visit, "panel-add", screen).await
}

/// An answer came. The message with a secret is deleted before anything else.
pub async fn typed(
    visit: &Visit,
    talk: &Talk,
    asks: Asks,
    mut sheet: Sheet,
    message: &Message,
) -> HandlerResult {
    let text = message.text().unwrap_or_default();
    let t = &visit.t;
    match asks {
        Asks::Question(question) => {
            let head = match question {
                Question::Password => Some(words::password_kept(t, delete(visit, message).await)),
                _ => None,
            };
            match answered(&mut sheet, question, text) {
                Ok(()) => {}
                Err(why) => {
                    let wrong = Html::paragraphs([head.unwrap_or_default(), admin::invalid(t, why)]);
                    return ask(visit, talk, sheet, question, Some(wrong)).await;
                }
            }
            if question == Question::Address
                && let Some(address) = &sheet.address
                && let Some(other) = visit.desk.core.store.instance_at(address.as_str()).await?
            {
                sheet.forget(Question::Address);
                let there = panel::refused(t, &FleetError::AlreadyThere(other));
                return ask(visit, talk, sheet, question, Some(there)).await;
            }
            go_on(visit, talk, sheet, head).await
        }
        Asks::Field(field) => {
            if field.is_secret() {
                delete(visit, message).await;
            }
            let connection = sheet.connection.clone();
            let beside = Beside { username: "", password: SecretString::default(), connection: &connection };
            match value::read(field, text, &beside) {
                Ok(edit) => {
                    sheet.apply(edit);
                    more(visit, talk, sheet, Some(panel::edit_saved(t, false))).await
                }
                Err(why) => ask_field(visit, talk, sheet, field, Some(why)).await,
            }
        }
        Asks::Button => again(visit, talk, sheet).await,
    }
}

/// Takes in a typed answer.
fn answered(sheet: &mut Sheet, question: Question, text: &str) -> Result<(), Misfit> {
    match question {
        Question::Address => sheet.apply(Edit::BaseUrl(value::address(text)?)),
        Question::Username => sheet.username = Some(value::username(text)?),
        Question::Password => {
            let username = sheet.username.clone().unwrap_or_default();
            sheet.apply(Edit::Login(username, value::password(text)?));
        }
        Question::Region => sheet.apply(Edit::Region(value::region(text)?)),
        Question::Name => sheet.apply(Edit::Name(value::name(text)?)),
        Question::Cap => sheet.apply(Edit::MaxUsers(value::cap(text)?)),
    }
    Ok(())
}

/// Something was typed where only buttons answer: the same screen again, below it.
async fn again(visit: &Visit, talk: &Talk, sheet: Sheet) -> HandlerResult {
    let hint = text::user::text_unknown(&visit.t);
    match &sheet.test {
        Test::Bad { problem, accepted: false } if sheet.next() == Next::Test => {
            let body = Html::paragraphs([hint, words::failed(&visit.t, problem)]);
            let screen = tested(visit, body, &sheet);
            show(visit, "panel-add", screen).await
        }
        _ => go_on(visit, talk, sheet, Some(hint)).await,
    }
}

/// A button of this dialogue. One of a form that is over says so.
pub async fn pressed(visit: &Visit, talk: &Talk, step: Step, press: AdminPress) -> HandlerResult {
    let Step::Admin(AdminStep::Add { sheet, .. }) = step else { return over(visit).await };
    let mut sheet = *sheet;
    match press {
        AdminPress::AddAsk(question) => {
            sheet.forget(question);
            ask(visit, talk, sheet, question, None).await
        }
        AdminPress::AddName => {
            if let Some(name) = suggested_name(visit, &sheet).await? {
                sheet.name = Some(name);
            }
            go_on(visit, talk, sheet, None).await
        }
        AdminPress::AddRegion(region) => {
            sheet.region = Some(region);
            go_on(visit, talk, sheet, None).await
        }
        AdminPress::AddCap(cap) => {
            sheet.cap = Some(cap.max(1));
            go_on(visit, talk, sheet, None).await
        }
        AdminPress::AddTest => test(visit, talk, sheet, None).await,
        AdminPress::AddAnyway => {
            if let Test::Bad { accepted, .. } = &mut sheet.test {
                *accepted = true;
            }
            go_on(visit, talk, sheet, None).await
        }
        AdminPress::AddMore => more(visit, talk, sheet, None).await,
        AdminPress::AddField(field) => ask_field(visit, talk, sheet, field, None).await,
        AdminPress::AddClear(field) => {
            if let Some(edit) = value::clear(field, &sheet.connection) {
                sheet.apply(edit);
            }
            more(visit, talk, sheet, None).await
        }
        _ => go_on(visit, talk, sheet, None).await,
    }
}

/// Takes the panel into the fleet. The button works once.
pub async fn save(visit: &Visit, admin: Admin, talk: &Talk, step: Step, seen: i64) -> HandlerResult {
    if !claim(visit, seen).await? {
        return Ok(());
    }
    let Step::Admin(AdminStep::Add { sheet, .. }) = step else { return over(visit).await };
    let Some(draft) = sheet.draft() else { return go_on(visit, talk, *sheet, None).await };
    let t = &visit.t;
    let adding = visit.desk.fleet.add(Some(admin.id()), &draft);
    let added = patiently(visit, panel::testing(t), adding).await?;
    talk.exit().await?;
    match added {
        Ok(id) => {
            let screen = Screen::new(words::saved(t, &draft.name, &id))
                .row([button(draft.name.clone(), AdminPress::Panel(id))])
                .row([button(label::add(t), AdminPress::Add), button(label::list(t), AdminPress::Panels(0))]);
            show(visit, "panel-added", screen).await
        }
        Err(error) => nodes::refuse(visit, None, error).await,
    }
}

async fn over(visit: &Visit) -> HandlerResult {
    let t = &visit.t;
    let screen = Screen::new(words::over(t))
        .row([button(label::add(t), AdminPress::Add), button(label::list(t), AdminPress::Panels(0))]);
    show(visit, "panel-add", screen).await
}
