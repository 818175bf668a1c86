"use strict";
// The page keeps what the stream told it (people, messages, panels) and draws from that. Parts of a message are
// replaced only when they changed, so nothing flickers and a focused button keeps its focus.

const $ = (id) => document.getElementById(id);
const make = (tag, fields = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), fields);
  element.append(...children);
  return element;
};
const post = async (path, body) => {
  const response = await fetch(path, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.status === 204 ? null : response.json();
};
const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* a private window */ } };
const recall = (key) => { try { return localStorage.getItem(key); } catch { return null; } };

const people = new Map(); // id → { head, messages: Map(id → message), read, draft, top }
let current = Number(location.hash.slice(2)) || null;
let fresh = true; // nothing drawn yet: no animation

// ── Text with its marks ──────────────────────────────────────────────────────────────────────────────────────────

const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre" };

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

/** Draws the part [from, to) of a text with the entities inside it; offsets are UTF-16 units, as in JavaScript. */
function marked(text, entities, from, to) {
  const out = document.createDocumentFragment();
  let at = from;
  for (let i = 0; i < entities.length; i += 1) {
    const entity = entities[i];
    if (entity.offset < at) continue;
    const end = Math.min(entity.offset + entity.length, to);
    const inner = entities.slice(i + 1).filter((e) => e.offset >= entity.offset && e.offset + e.length <= end);
    out.append(text.slice(at, entity.offset), mark(entity, text.slice(entity.offset, end), marked(text, inner, entity.offset, end)));
    at = end;
    // A block ends its line by itself.
    if (BLOCKS.has(entity.type) && text[at] === "\n") at += 1;
  }
  out.append(text.slice(at, to));
  return out;
}

function mark(entity, raw, children) {
  switch (entity.type) {
    case "text_link": case "url": {
      const href = entity.url ?? (raw.includes("://") ? raw : `https://${raw}`);
      return make("a", { href, target: "_blank", rel: "noopener noreferrer" }, children);
    }
    case "bot_command":
      return make("a", { href: "#", onclick: (event) => { event.preventDefault(); send(raw); } }, children);
    case "spoiler":
      return make("span", { className: "spoiler", onclick: (event) => event.currentTarget.classList.add("open") }, children);
    case "blockquote": return make("blockquote", { dir: "auto" }, children);
    case "expandable_blockquote":
      return make("blockquote", { dir: "auto", className: "folded", onclick: (event) => event.currentTarget.classList.remove("folded") }, children);
    case "code": case "pre":
      return make(TAGS[entity.type], { title: "Copy", dir: "ltr", onclick: () => copy(raw) }, children);
    default: return TAGS[entity.type] ? make(TAGS[entity.type], {}, children) : children;
  }
}

// ── Messages ─────────────────────────────────────────────────────────────────────────────────────────────────────

const TICKS = '<svg viewBox="0 0 20 12" aria-hidden="true"><path d="m1.5 6.5 4 4 8-9M8.5 9.5l1 1 8-9" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/></svg>';
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("en", { day: "numeric", month: "long" });

/** Replaces the part of a message called `name` if what it is made from changed. */
function part(holder, name, source, build) {
  const key = JSON.stringify(source ?? null);
  holder.parts ??= {};
  const old = holder.parts[name];
  if (old && old.key === key) return old.node;
  const node = source == null ? document.createComment(name) : build(source);
  if (old) old.node.replaceWith(node);
  holder.parts[name] = { key, node };
  return node;
}

function drawMessage(element, message) {
  const bubble = element.bubble;
  bubble.classList.toggle("framed", message.picture?.width != null);
  const nodes = [
    part(bubble, "quoted", message.quoted, (quoted) => make("div", { className: "quoted", dir: "auto" }, make("b", { textContent: quoted.author }), make("span", { textContent: quoted.text }))),
    part(bubble, "picture", message.picture, drawPicture),
    part(bubble, "text", { text: message.text, entities: message.entities, edited: message.edited }, (words) => {
      const text = make("div", { className: "text", dir: "auto" }, words.text ? marked(words.text, words.entities, 0, words.text.length) : "");
      text.style.setProperty("--room", message.bot ? (words.edited ? "84px" : "42px") : (words.edited ? "104px" : "62px"));
      return text;
    }),
    part(bubble, "meta", { date: message.date, edited: message.edited }, (meta) => {
      const line = make("div", { className: "meta" }, `${meta.edited ? "edited " : ""}${clock.format(meta.date)}`);
      if (!message.bot) line.insertAdjacentHTML("beforeend", TICKS);
      return line;
    }),
  ];
  if (!bubble.childNodes.length) bubble.append(...nodes);
  const rows = part(element, "rows", message.buttons.length ? message.buttons : null, (rows) => {
    const draw = (row) => make("div", { className: "row" }, ...row.map((button) => drawButton(message.id, button)));
    return make("div", { className: "rows" }, ...rows.map(draw));
  });
  if (!rows.parentNode) element.append(rows);
}

function drawPicture(picture) {
  const src = `file/${picture.file}`;
  if (picture.width == null) {
    const icon = make("span", { textContent: "⬇", ariaHidden: "true" });
    return make("a", { className: "document", href: src, download: picture.name }, icon, make("span", { textContent: picture.name }));
  }
  const image = make("img", { src, alt: "Picture from the bot", width: picture.width, height: picture.height, loading: "eager" });
  image.addEventListener("load", () => stick(), { once: true });
  const open = make("button", { type: "button", ariaLabel: "Open the picture", onclick: () => { $("picture").querySelector("img").src = src; $("picture").showModal(); } }, image);
  return make("figure", {}, open);
}

function drawButton(message, button) {
  const element = make("button", { type: "button", dir: "auto", textContent: button.label });
  element.dataset.label = button.label;
  if (button.url) element.dataset.mark = "↗\uFE0E";
  if (button.copy) element.dataset.mark = "⧉\uFE0E";
  element.onclick = async () => {
    if (button.url) return void window.open(button.url, "_blank", "noopener,noreferrer");
    if (button.copy) return copy(button.copy);
    if (element.ariaBusy === "true") return;
    element.ariaBusy = "true";
    try {
      const answer = await post("press", { person: current, message, data: button.data });
      if (!answer.answered) toast("The bot does not answer");
      else if (answer.alert && answer.text) { $("alert-text").textContent = answer.text; $("alert").showModal(); }
      else if (answer.text) toast(answer.text);
      if (answer.url) window.open(answer.url, "_blank", "noopener,noreferrer");
    } catch { toast("No connection"); }
    element.ariaBusy = "false";
  };
  return element;
}

/** Brings the list of messages in line with what is known, touching only what changed. */
function drawChat() {
  const person = people.get(current);
  if (!person) return;
  const list = $("messages");
  const stuck = list.person !== current || nearEnd();
  if (list.person !== current) { list.replaceChildren(); list.person = current; list.shown = new Map(); fresh = true; }
  for (const [id, element] of list.shown) {
    if (!person.messages.has(id)) { element.remove(); list.shown.delete(id); }
  }
  list.querySelector(".empty")?.remove();
  let last = null;
  for (const message of [...person.messages.values()].sort((a, b) => a.id - b.id)) {
    let element = list.shown.get(message.id);
    if (!element) {
      element = make("div", { className: `message${message.bot ? "" : " mine"}${fresh ? "" : " new"}` });
      element.dataset.message = message.id;
      element.bubble = make("div", { className: "bubble" });
      element.append(element.bubble);
      list.shown.set(message.id, element);
      list.append(element);
    }
    drawMessage(element, message);
    const date = day.format(message.date);
    const label = element.previousElementSibling?.className === "day" ? element.previousElementSibling : null;
    if (date !== last && !label) element.before(make("div", { className: "day", textContent: date }));
    if (date === last) label?.remove();
    last = date;
  }
  if (!person.messages.size) {
    list.replaceChildren(make("div", { className: "empty", textContent: person.head.started ? "Nothing here yet" : "Press Start to begin" }));
    list.shown.clear();
  }
  const pinned = [...person.messages.values()].filter((message) => message.pinned).pop();
  $("pinned").hidden = !pinned;
  $("pinned").textContent = pinned ? `📌 ${pinned.text.split("\n")[0]}` : "";
  fresh = false;
  if (stuck) stick(true);
  person.read = Math.max(person.read, ...person.messages.keys(), 0);
}

const nearEnd = () => { const s = $("scroll"); return s.scrollHeight - s.scrollTop - s.clientHeight < 120; };
function stick(always = false) { if (always || nearEnd()) $("scroll").scrollTop = $("scroll").scrollHeight; }
$("scroll").addEventListener("scroll", () => { $("down").hidden = nearEnd(); }, { passive: true });
$("down").onclick = () => $("scroll").scrollTo({ top: $("scroll").scrollHeight, behavior: "smooth" });
new ResizeObserver(() => stick()).observe($("scroll"));

// ── People ───────────────────────────────────────────────────────────────────────────────────────────────────────

const FACES = [["#ff885e", "#ff516a"], ["#ffcd6a", "#ffa85c"], ["#a0de7e", "#54cb68"], ["#53edd6", "#28c9b7"], ["#72d5fd", "#2a9ef1"], ["#e0a2f3", "#d669ed"], ["#82b1ff", "#665fff"]];

function drawTabs() {
  const tabs = $("tabs");
  for (const [id, person] of people) {
    let tab = $(`tab-${id}`);
    if (!tab) {
      const [from, to] = FACES[id % FACES.length];
      const face = make("span", { className: "avatar", ariaHidden: "true", textContent: [...person.head.name][0] });
      face.style.cssText = `--from:${from};--to:${to}`;
      tab = make("button", { type: "button", id: `tab-${id}`, role: "tab", onclick: () => choose(id) }, face, make("span", { dir: "auto", textContent: person.head.name }));
      const words = { en: "English", ru: "Russian", fa: "Persian" };
      const about = person.head.role === "admin" ? "admin" : words[person.head.language] ?? person.head.language;
      tab.append(make("small", { textContent: about ?? "" }), make("span", { className: "badge", hidden: true }));
      tab.setAttribute("aria-controls", "messages");
      tab.onkeydown = (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const all = [...people.keys()];
        const next = all[(all.indexOf(id) + step + all.length) % all.length];
        choose(next);
        $(`tab-${next}`).focus();
      };
      tabs.append(tab);
    }
    const selected = id === current;
    tab.ariaSelected = String(selected);
    tab.tabIndex = selected ? 0 : -1;
    const unread = selected ? 0 : [...person.messages.values()].filter((m) => m.bot && m.id > person.read).length;
    const badge = tab.querySelector(".badge");
    badge.hidden = !unread;
    badge.textContent = unread;
    badge.ariaLabel = `${unread} unread`;
  }
}

function choose(id) {
  const before = people.get(current);
  if (before) before.draft = $("text").value;
  current = id;
  history.replaceState(null, "", `${location.search}#/${id}`);
  $("text").value = people.get(id).draft ?? "";
  grow();
  openMenu(false);
  drawAll();
}

const ACTIONS = { typing: "typing", upload_photo: "sending a picture", upload_document: "sending a file" };

function drawHead() {
  const { head } = people.get(current);
  const busy = ACTIONS[head.action] ?? (head.action ? "busy" : null);
  $("status").textContent = busy ?? "bot";
  $("status").classList.toggle("busy", Boolean(busy));
  $("start").hidden = head.started && !head.blocked;
  $("start").textContent = head.blocked ? "Restart" : "Start";
  $("composer").hidden = !$("start").hidden;
  $("menu").hidden = !head.commands.length;
  const key = JSON.stringify([current, head.commands, head.keyboard]);
  if (drawHead.key === key) return;
  drawHead.key = key;
  $("commands").replaceChildren(...head.commands.map(({ command, description }) => make("li", {},
    make("button", { type: "button", onclick: () => { openMenu(false); send(`/${command}`); } }, make("b", { textContent: `/${command}` }), make("span", { dir: "auto", textContent: description })))));
  const row = (labels) => make("div", { className: "row" }, ...labels.map((label) => make("button", { type: "button", dir: "auto", textContent: label, onclick: () => send(label) })));
  $("keyboard").hidden = !head.keyboard;
  $("keyboard").replaceChildren(...(head.keyboard ?? []).map(row));
}

function openMenu(open) {
  $("commands").hidden = !open;
  $("menu").ariaExpanded = String(open);
  if (open) $("commands").querySelector("button")?.focus();
}
$("menu").onclick = () => openMenu($("commands").hidden);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !$("commands").hidden) { openMenu(false); $("menu").focus(); }
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("#commands, #menu")) openMenu(false);
});

// ── Sending ──────────────────────────────────────────────────────────────────────────────────────────────────────

async function send(text) {
  try {
    await post("send", { person: current, text });
    stick(true);
    return true;
  } catch { toast("No connection"); return false; }
}
$("composer").onsubmit = async (event) => {
  event.preventDefault();
  const text = $("text").value;
  if (!text.trim()) return;
  $("text").value = "";
  grow();
  if (!await send(text)) { $("text").value = text; grow(); }
};
$("start").onclick = () => send("/start").then(() => $("text").focus());
$("text").onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); $("composer").requestSubmit(); }
};
function grow() { const t = $("text"); t.style.height = "auto"; t.style.height = `${Math.max(40, t.scrollHeight)}px`; }
$("text").oninput = grow;

async function copy(text) {
  try { await navigator.clipboard.writeText(text); } catch {
    // Without permission or focus the old way still works.
    const box = make("textarea", { value: text, className: "unseen" });
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  }
  document.body.dataset.copied = text;
  toast("Copied to clipboard");
}

function toast(text) {
  const box = $("toast");
  box.textContent = text;
  box.hidden = true;
  void box.offsetWidth; // starts the animation anew
  box.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { box.hidden = true; }, 3500);
}

// ── Fleet ────────────────────────────────────────────────────────────────────────────────────────────────────────

const STATES = { running: "Running", stopped: "Stopped", slow: "Slow", frozen: "Frozen", faulty: "Faulty" };
const ACTS = [["stop", "Stop", "stopped"], ["slow", "Slow", "slow"], ["freeze", "Freeze", "frozen"], ["resume", "Bring back", "running"]];

function drawPanels(panels) {
  const most = Math.max(10, ...panels.map((panel) => panel.accounts));
  for (const panel of panels) {
    let card = document.querySelector(`[data-panel="${CSS.escape(panel.name)}"]`);
    if (!card) {
      card = make("section", { className: "card", ariaLabel: panel.title });
      card.dataset.panel = panel.name;
      card.innerHTML = '<header><span class="flag" aria-hidden="true"></span><h3></h3><span class="state" role="status"></span></header><div class="count"><span>Accounts <b data-accounts></b></span><span>Requests <b data-requests></b></span></div><div class="bar" aria-hidden="true"><i></i></div><ul class="recent" aria-label="Last requests"></ul><div class="acts"></div>';
      card.querySelector(".flag").textContent = panel.flag;
      card.querySelector("h3").append(panel.title, make("small", { textContent: panel.name }));
      card.querySelector(".acts").append(...ACTS.map(([act, label]) => {
        const button = make("button", { type: "button", textContent: label, onclick: () => post("panel", { panel: panel.name, act }).catch(() => toast("No connection")) });
        button.dataset.act = act;
        return button;
      }));
      $("panels").append(card);
    }
    card.dataset.state = panel.state;
    card.querySelector(".state").textContent = STATES[panel.state];
    card.querySelector("[data-accounts]").textContent = panel.accounts;
    card.querySelector("[data-requests]").textContent = panel.requests;
    card.querySelector(".bar i").style.width = `${(100 * panel.accounts) / most}%`;
    card.querySelector(".recent").replaceChildren(...panel.recent.map((request) => {
      const status = make("b", { textContent: request.status ?? "–", className: request.status == null || request.status >= 400 ? "bad" : "" });
      return make("li", {}, make("span", { textContent: `${request.method} ${request.path}`, title: request.path }), status);
    }));
    for (const [act, , state] of ACTS) {
      const button = card.querySelector(`[data-act="${act}"]`);
      if (act === "resume") button.disabled = panel.state === "running";
      else button.ariaPressed = String(panel.state === state);
    }
  }
  const up = panels.filter((panel) => panel.state === "running").length;
  $("summary").textContent = `${up} of ${panels.length} running`;
  $("trouble").hidden = up === panels.length;
  $("fleet").hidden = !panels.length;
}

for (const button of document.querySelectorAll("#switch button")) {
  button.onclick = () => {
    document.body.dataset.view = button.dataset.show;
    for (const other of document.querySelectorAll("#switch button")) other.ariaPressed = String(other === button);
    if (button.dataset.show === "chat") stick(true);
  };
}

if (new URLSearchParams(location.search).get("view") === "fleet") document.querySelector('[data-show="fleet"]').click();

// ── Theme, hint, stream ──────────────────────────────────────────────────────────────────────────────────────────

const asked = new URLSearchParams(location.search);
const wanted = asked.get("theme") ?? recall("theme");
const systemDark = matchMedia("(prefers-color-scheme: dark)");
const setTheme = (dark) => { document.documentElement.dataset.theme = dark ? "dark" : "light"; };
setTheme(wanted ? wanted === "dark" : systemDark.matches);
systemDark.onchange = () => { if (!recall("theme")) setTheme(systemDark.matches); };
$("theme").onclick = () => {
  setTheme(document.documentElement.dataset.theme !== "dark");
  remember("theme", document.documentElement.dataset.theme);
};
$("hint").hidden = recall("hint") === "closed";
$("hint-close").onclick = () => { $("hint").hidden = true; remember("hint", "closed"); };

function drawAll() { drawTabs(); drawHead(); drawChat(); drawTabs(); }

function take(news) {
  if (news.first) people.clear();
  if (news.bot) { $("bot-name").textContent = news.bot.name; document.title = `${news.bot.name} · demo`; }
  for (const { head, messages, gone } of news.chats) {
    const person = people.get(head.id) ?? { messages: new Map(), read: 0, draft: "" };
    // What was there before the page opened counts as read.
    if (news.first) person.read = Math.max(0, ...messages.map((message) => message.id));
    person.head = head;
    for (const message of messages) person.messages.set(message.id, message);
    for (const id of gone) person.messages.delete(id);
    people.set(head.id, person);
  }
  if (!people.has(current)) current = people.keys().next().value ?? null;
  if (news.panels) drawPanels(news.panels);
  if (current != null) drawAll();
}

const live = (yes) => {
  document.body.dataset.live = String(yes);
  if (!yes) $("status").textContent = "connecting…";
};
if (asked.has("poll")) {
  let since = 0;
  const ask = async () => {
    try {
      const news = await (await fetch(`news?since=${since}`)).json();
      since = news.revision;
      take(news);
      live(true);
    } catch { live(false); since = 0; }
    setTimeout(ask, 400);
  };
  ask();
} else {
  const events = new EventSource("events");
  events.onmessage = (event) => { take(JSON.parse(event.data)); live(true); };
  events.onerror = () => live(false);
}
window.addEventListener("hashchange", () => { const id = Number(location.hash.slice(2)); if (people.has(id)) choose(id); });
