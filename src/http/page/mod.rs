//! The page that a person sees who opens their link in a browser: how the key is, and how to set it up.
//!
//! It is one document: style and script stand in it, allowed by their hashes, so nothing else is ever asked for, from us
//! or from anybody, and nothing names the software. Without JavaScript all but the copy button is there. Whoever serves
//! it gathers a [`PageView`], chooses the [`language`], and sends what [`page`] gives.
//!
//! Absent on purpose: who may see it, and where the figures come from.

mod apps;
mod head;
mod reader;

use axum::http::HeaderMap;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::domain::quota::Bytes;
use crate::domain::{Region, Timestamp};
use crate::text::apps::{Apps, System};
use crate::text::page::{self as words, Feeling};
use crate::text::{Lang, T, number, qr};

pub use head::CACHE;
pub use reader::{language, system};

const STYLE: &str = include_str!("assets/page.css");
const SCRIPT: &str = include_str!("assets/page.js");

/// What is on the page.
#[derive(Debug, Clone)]
pub struct PageView<'a> {
    /// What the key is called in apps, such as the profile's title; shown above and put into import links.
    pub name: &'a str,
    /// How the key is.
    pub feeling: Feeling,
    /// What all its accounts used, in bytes.
    pub used: Bytes,
    /// What they may use, in bytes.
    pub limit: Option<Bytes>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// The moment the page is made.
    pub now: Timestamp,
    /// Where it leads.
    pub region: Option<&'a Region>,
    /// The subscription link.
    pub link: &'a str,
    /// Where to write for help: a web address such as `https://t.me/name`.
    pub support: Option<&'a str>,
    /// The bot's user name on Telegram, such as `name_bot`.
    pub bot: Option<&'a str>,
    /// What is to be said to everybody just now, in the reader's language.
    pub notices: &'a [String],
    /// The apps by system.
    pub apps: &'a Apps,
    /// The reader's system, if it is known.
    pub system: Option<System>,
}

/// The page in `t`'s language, with all headers that belong to it.
#[must_use]
pub fn page(view: &PageView, t: &T) -> (HeaderMap, String) {
    (head::headers(t.lang()), document(view, t).into_string())
}

fn document(view: &PageView, t: &T) -> Markup {
    let direction = if t.lang().is_rtl() { "rtl" } else { "ltr" };
    let usable = !matches!(view.feeling, Feeling::Ended(_));
    html! {
        (DOCTYPE)
        html lang=(t.lang().code()) dir=(direction) {
            (head::head(&words::title(t)))
            body {
                main {
                    (languages(t))
                    (state(view, t))
                    @if !view.notices.is_empty() {
                        div.notice role="status" {
                            @for line in view.notices { p { (line) } }
                        }
                    }
                    @if usable {
                        (apps::connect(view, t))
                        (link(view, t))
                        (apps::others(view, t))
                    }
                    (foot(view, t, usable))
                }
                @if usable { script { (PreEscaped(SCRIPT)) } }
            }
        }
    }
}

fn languages(t: &T) -> Markup {
    html! {
        nav.languages aria-label=(words::language(t)) {
            @for lang in Lang::ALL {
                a href={ "?lang=" (lang.code()) } lang=(lang.code()) hreflang=(lang.code()) rel="nofollow"
                    aria-current=[(lang == t.lang()).then_some("true")] { (own_name(lang)) }
            }
        }
    }
}

/// A language's name in itself. Without a flag: many systems show none.
fn own_name(lang: Lang) -> &'static str {
    lang.native_name().split_once(' ').map_or(lang.native_name(), |(_, name)| name)
}

/// The card above all: how the key is, and its figures.
fn state(view: &PageView, t: &T) -> Markup {
    let (class, sign) = match view.feeling {
        Feeling::Works => ("works", "M5 12.5l4.5 4.5L19 7.5"),
        Feeling::Trouble => ("trouble", "M12 7v6M12 16.5v.5"),
        Feeling::Waits => ("waits", "M12 7v5.5l3.5 2"),
        Feeling::Ended(_) => ("ended", "M7.5 7.5l9 9M16.5 7.5l-9 9"),
    };
    html! {
        header class={ "card stack " (class) } {
            div.state {
                span.mark aria-hidden="true" {
                    svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.25"
                        stroke-linecap="round" stroke-linejoin="round" { path d=(sign) {} }
                }
                div {
                    p.name { bdi { (view.name) } }
                    h1 { (words::state(t, view.feeling)) }
                    @if let Some(advice) = words::what_to_do(t, view.feeling) { p.soft { (advice) } }
                }
            }
            dl.figures {
                div.wide {
                    dt { (words::traffic(t)) }
                    dd { (words::traffic_left(t, view.used, view.limit)) }
                    @if let Some(limit) = view.limit {
                        dd.more {
                            progress max="100" value=(number::share(view.used, limit)) aria-label=(words::traffic(t)) {}
                            (words::traffic_used(t, view.used, view.limit))
                        }
                    } @else {
                        dd.more { (words::traffic_used(t, view.used, None)) }
                    }
                }
                div {
                    dt { (words::term(t)) }
                    dd { (words::time_left(t, view.expires_at, view.now)) }
                    @if let Some(until) = words::time_until(t, view.expires_at, view.now) { dd.more { (until) } }
                }
                div {
                    dt { (words::location(t)) }
                    dd { (view.region.map_or_else(|| words::location_none(t), |region| words::place(t, region))) }
                }
            }
        }
    }
}

/// The link, to be copied or scanned.
fn link(view: &PageView, t: &T) -> Markup {
    // Whoever sits at a computer often wants the key on the phone.
    let at_desk = matches!(view.system, Some(System::Windows | System::Macos | System::Linux));
    html! {
        section.card.stack aria-labelledby="link-title" {
            div {
                h2 id="link-title" { (words::link(t)) }
                p.soft.small { (words::link_hint(t)) }
            }
            div.take {
                input #link type="text" readonly value=(view.link) aria-labelledby="link-title" dir="ltr"
                    spellcheck="false" autocomplete="off" autocapitalize="off";
                button.button #copy type="button" data-done=(words::copied(t)) { (words::copy(t)) }
            }
            p.unseen #said role="status" {}
            @if let Ok(code) = qr::path(view.link) {
                details open[at_desk] {
                    summary { (words::qr(t)) }
                    div.inside {
                        p.soft.small { (words::qr_hint(t)) }
                        svg.qr role="img" aria-label=(words::qr_picture(t)) shape-rendering="crispEdges"
                            viewBox={ "0 0 " (code.side) " " (code.side) } { path d=(code.dark) {} }
                    }
                }
            }
        }
    }
}

fn foot(view: &PageView, t: &T, usable: bool) -> Markup {
    html! {
        footer {
            @if let Some(bot) = view.bot {
                a.button.quiet[usable] href={ "https://t.me/" (bot) } rel="noreferrer noopener" {
                    (words::bot(t, bot))
                }
            }
            @if let Some(support) = view.support {
                a.button.quiet href=(support) rel="noreferrer noopener" { (words::support(t)) }
            }
            p.soft.small { (words::secret(t)) }
            @if usable && view.bot.is_some() { p.soft.small { (words::reset(t)) } }
        }
    }
}
