### Common: sizes, spans, dates

unit-kb = { $amount } KB
unit-mb = { $amount } MB
unit-gb = { $amount } GB
unit-tb = { $amount } TB
unit-percent = { $amount }%
unit-milliseconds = { $count } ms
span-seconds = { $count } { $count ->
        [one] second
       *[other] seconds
    }
span-minutes = { $count } { $count ->
        [one] minute
       *[other] minutes
    }
span-hours = { $count } { $count ->
        [one] hour
       *[other] hours
    }
span-days = { $count } { $count ->
        [one] day
       *[other] days
    }
ago-now = just now
ago-minutes = { $count } { $count ->
        [one] minute
       *[other] minutes
    } ago
ago-hours = { $count } { $count ->
        [one] hour
       *[other] hours
    } ago
ago-days = { $count } { $count ->
        [one] day
       *[other] days
    } ago
# $month is the month's number in the reader's own calendar.
date-month =
    { $month ->
        [1] Jan
        [2] Feb
        [3] Mar
        [4] Apr
        [5] May
        [6] Jun
        [7] Jul
        [8] Aug
        [9] Sep
        [10] Oct
        [11] Nov
       *[12] Dec
    }
date-day = { $day } { $month } { $year }
date-time = { $date }, { $clock }
common-list-separator = { ", " }

### Commands as Telegram lists them

command-start = Menu
command-key = My key
command-help = Help
command-language = Language
command-nodes = Panels: list and settings
command-addnode = Add a panel
command-health = How the fleet is doing
command-alerts = Alerts: what goes on, what was
command-user = Find a person and their keys
command-migrate = Move keys to another panel
command-drain = Empty a panel
command-simulate = What if a panel were lost
command-maintenance = Planned maintenance
command-rebalance = Even out the load
command-reconcile = Compare panels with the database
command-adopt = Accounts already on a panel
command-restore = After a restore: let everything go on
command-broadcast = Message to many people
command-invite = Invitations
command-stats = People, keys, traffic: a chart
command-why = Why a key is where it is
command-audit = Who did what

### Devices and guides

device-android = 🤖 Android
device-ios = 🍏 iPhone, iPad
device-windows = 🪟 Windows
device-macos = 💻 Mac
device-linux = 🐧 Linux
guide-device-choose = 📱 Which device do you want to set up?
guide-app =
    <b>{ $device }: { $app }</b>

    { $steps }
guide-step = { $number }. { $step }
guide-key-tap =
    Your key (tap it to copy):
    { $link }
guide-apps-choose = { $device }: which app? The first one is our advice.
guide-store-missing = Not in your country's store? Choose another app below.

### Buttons

button-get-key = ⚡ Get a key
button-my-key = 🔑 My key
button-my-keys = 🔑 My keys
button-key = 🔑 Key { $number }
button-one-more-key = ➕ One more key
button-setup = 📱 Set up a device
button-location = 🌍 Location
button-location-automatic = ✨ The best one, automatically
button-refresh = 🔄 Refresh
button-more = ⋯ More
button-copy-link = 📋 Copy the link
button-broken = 🛟 It doesn't work
button-reset = 🔐 Reset link
button-reset-yes = 🔐 Yes, reset it
button-links = 📄 Keys without a link
button-qr = 🔳 QR code
button-language = 🌐 Language
button-help = ❓ Help
button-copy-key = 📋 Copy the key
button-download = ⬇️ Download { $app }
button-download-other = ⬇️ Other download
button-other-apps = 🧩 Other apps
button-other-device = 📱 Another device
button-works = 👍 It works
button-works-not = 👎 It doesn't
button-ask-access = 🙋 Ask for access
button-contact = 💬 Write to support
button-try-again = 🔁 Try again
button-back = ‹ Back
button-menu = 🏠 Menu
button-close = ✖️ Close
button-cancel = ✖️ Cancel
button-skip = ⏭ Skip
button-done = ✅ Done

### Users: greeting, menu, small answers

user-hello =
    👋 Hello, { $name }!

    Your key to an open internet is one tap away.
user-hello-back = 👋 Good to see you, { $name }!
user-hello-ask =
    👋 Hello, { $name }!

    Keys here are for people the admin knows. Tap the button, and the admin gets your request.
user-language-choose = 🌐 Choose your language
user-language-changed = ✅ I speak English now.
user-id = Your Telegram id: { $id }
user-setup-no-admins =
    🛠 This bot has no admin yet. If it is yours, put this line into its <code>.env</code> file and start it again:

    { $line }
user-working = ⏳ One moment…
user-working-key =
    ⏳ Making your key. It takes a few seconds.

    You can close the chat: the key will come here by itself.
user-working-move = ⏳ Moving your key to the new location. The old one keeps working meanwhile.
user-working-reset = ⏳ Making a new link…
user-working-check = 🔎 Checking your key…
user-text-unknown = I understand buttons best. Here is the menu 👇
user-text-long = That message is too long for me. Here is the menu 👇
user-command-unknown = I don't know this command. Here is what I can do 👇
user-media-unknown = Nice! But I can only read buttons. Here is the menu 👇
user-menu-old = This menu is out of date. Here is a fresh one 👇
user-menu-old-toast = This menu is out of date
user-button-foreign = This button is not for you
user-slow-down = That was quick! Give me a few seconds, please.
user-private-only = This works only in a private chat with me.
user-failed = 😔 Something broke on our side. Nothing is lost: please try again in a minute.

### Access: who may have a key

access-asked = ✅ Your request is with the admin. You will hear from me here.
access-asked-before = ⏳ The admin has your request and has not answered yet. You will hear from me here.
access-granted = 🎉 You are in! Your key is one tap away.
access-denied = The admin has said no this time. If you think that is a mistake, write to them.
access-closed = 👋 Hello! No new people are taken right now. Please come back later.
access-invite-needed = 👋 Hello! You need an invitation. Open the invitation link you were given, or send me its code.
access-invite-welcome = 🎉 Welcome! Your key is one tap away.
access-invite-already = You have access already: the invitation stays unused, give it to a friend.
access-invite-unknown = I don't know this invitation. Check the code for typos, or ask for a new one.
access-invite-used-up = This invitation has been used up. Ask for a new one.
access-invite-expired = This invitation is over. Ask for a new one.

### Keys: the card

key-title = 🔑 <b>Your key</b>
key-title-number = 🔑 <b>Key { $number }</b>
key-state-live = 🟢 Works
key-state-trouble = 🟠 Your server has trouble; we are on it
key-state-suspended = ⏸ Paused
key-state-expired = ⌛ Its time is over
key-state-exhausted = 📭 Its traffic is used up
key-state-revoked = 🚫 Taken away
key-busy-issue = ⏳ Being made
key-busy-move = ⏳ Moving to another location, works meanwhile
key-busy-rotate = ⏳ Getting a new link
key-busy-sync = ⏳ Being updated
key-busy-revoke = ⏳ Being taken away
key-busy-room = 🪑 Waits for a free place
key-location = 🌍 Location: { $location }
key-traffic =
    📊 { $bar } { $percent }
    { $used } of { $limit } used
key-traffic-unlimited = 📊 Traffic: { $used } used, no limit
key-until = 📅 Until { $date } ({ $left } left)
key-until-over = 📅 Ended on { $date }
key-until-never = 📅 No end date
key-updated = 🕓 Updated { $ago }
key-wanted-automatic = { $location } (chosen automatically)
key-ended-suspended = The admin has paused this key. Write to them if you don't know why.
key-ended-expired = Ask for more time: the same key will work again, with nothing to set up anew.
key-ended-exhausted = Ask for more traffic: the same key will work again, with nothing to set up anew.
key-ended-revoked = This key works no more.
key-list = 🔑 <b>Your keys</b>
key-list-row = <b>Key { $number }</b> · { $location } · { $state }
key-none = You have no key yet.
key-location-none = not decided yet

### Keys: from the first tap to a working one

key-ready =
    🎉 <b>Your key is ready!</b>
    🌍 { $location }

    Which device is it for?
key-waits =
    🪑 <b>All places are taken right now.</b>

    You are in the queue. As soon as a place is free, your key comes here by itself.
key-waits-move =
    🪑 <b>There is no room there right now.</b>

    Your key goes on working where it is, and moves as soon as a place is free.
key-waits-elsewhere = Don't want to wait? There is room here:
key-works-question = 👋 How is it going, does your key work?
key-works-yes = 🎉 Wonderful! If anything changes, I am here.
key-location-choose =
    🌍 <b>Where shall your key lead?</b>

    Your link stays the same.
key-location-choose-relink =
    🌍 <b>Where shall your key lead?</b>

    You will get a new link for the new location.
key-location-choose-first = 🌍 <b>Where shall your key lead?</b>
key-location-here = ✅ { $location }
key-location-full = { $location } · full
key-refresh-fine = ✅ All is well with your key.
key-refresh-repaired = 🔧 Something was wrong, and now it is right again. Update the key in your app.
key-refresh-silent = 🌧 The server does not answer right now. We check it all the time, and your key is repaired as soon as it is back.
key-refresh-better = 💡 Another location would serve you better now.
key-more =
    ⋯ <b>More</b>

    <b>Reset link</b>: if somebody else has your link. Every device must be set up again.
    <b>Keys without a link</b>: for apps that cannot take a link.
    <b>QR code</b>: to show the key to another device.
key-reset-confirm =
    🔐 <b>Make a new link?</b>

    The old one stops working at once, on every device. Each must be set up again with the new link.
key-reset-done =
    🔐 <b>Your new link is ready.</b>

    The old one works no more. Set up each device again with the new one.
key-links =
    📄 <b>Keys without a link</b>

    Tap one to copy it. They do not update by themselves: if one stops working, come back for a new one.
key-links-more = … and { $count } more
key-qr = 🔳 Scan this with the app on your other device. Keep it to yourself: whoever scans it can use your key.
key-link-none = Your key has no link yet. It comes as soon as the key is ready.

### Links: what an app shows besides keys

link-contact = Write to: { $contact }
link-preparing = Update this list in a few minutes.
link-trouble = Your server has trouble. We are on it: update this list in a few minutes.

### Keys: what is told unasked

notice-moved-asked =
    ✅ <b>Your key is in its new location.</b>
    🌍 { $location }
notice-moved =
    🚚 We have moved your key to a better server.
    🌍 { $location }
notice-moved-same-link = Your link is the same. Update the key in your app.
notice-moved-new-link = Your link is new: copy it into your app. The old one still works for a while.
notice-moved-new-link-only = Your link is new: copy it into your app.
notice-server-failed = 🚚 Your server failed, and another one serves your key now. Your link stays the same.
notice-update-app = Your app has not noticed yet. Open it, update the subscription (often ⟳ or «Update»), and connect again.
notice-update-app-named = { $app } has not noticed yet. Open it, update the subscription (often ⟳ or «Update»), and connect again.
notice-new-address =
    🔗 <b>Your link has a new address.</b>

    The old one may be blocked where you are. Your key is the same: copy the new link into your app.
notice-extended = 🎁 Your key has got more time or traffic.
notice-suspended = ⏸ The admin has paused your key.
notice-resumed = ▶️ Your key works again.
notice-revoked = 🚫 The admin has taken this key away. It works no more.
notice-traffic-reset = 🎁 Your traffic counts from zero again.
notice-wish-failed = 😔 That could not be done. Your key stays as it was.

### Help

help-user =
    ❓ <b>How it works</b>

    1. Tap <b>⚡ Get a key</b>.
    2. Choose your device and install the app.
    3. Copy the key into the app and connect.

    If it stops working, open /key and tap <b>🛟 It doesn't work</b>: I check everything and tell you what to do.
help-contact = A person answers here: { $contact }
help-check = 🔎 <b>I have checked your key</b>
help-account-right = ✅ The key is set up on the server as it should be
help-account-wrong = 🔧 The key on the server was not right
help-account-unknown = ❔ The server does not say how your key is
help-time-left = ✅ Time left: { $left }
help-time-unlimited = ✅ No end date
help-time-over = ❌ Its time ended on { $date }
help-traffic-left = ✅ Traffic left: { $left }
help-traffic-unlimited = ✅ Traffic: unlimited
help-traffic-over = ❌ The traffic is used up
help-suspended = ⏸ The admin has paused this key
help-server-well = ✅ The server is fine
help-server-trouble = ⚠️ The server has trouble right now
help-online-at = 🕓 Last used { $ago }
help-online-never = 🕓 Never used so far
help-fetched-at = 🔁 Your app ({ $app }) fetched the key { $ago }
help-fetched-before = ⚠️ Your app ({ $app }) fetched the key { $ago }, before it moved to another server
help-fetched-never = ⚠️ No app has fetched the key yet
help-advice = 💡 <b>What to do</b>
help-advice-renew = Ask for more time or traffic. The same key will work again.
help-advice-refresh = Tap <b>🔄 Refresh</b>, then update the key in your app and connect again.
help-advice-update = Update the key in your app: open it, update the subscription (often ⟳ or «Update»), and connect again.
help-advice-location = Try another location. Some are blocked for some networks.
help-advice-reset = Reset the link, and set up your device again.
help-advice-contact = If nothing helps, write to us: { $contact }
help-advice-contact-admin = If nothing helps, write to the person who gave you this bot.

### Errors about keys

error-key-access = You have no access yet. Open /start to ask for it.
error-key-too-many = You have { $limit } { $limit ->
        [one] key
       *[other] keys
    } already, that is all one person can have here.
error-key-not-found = This key is gone. Open /key to see yours.
error-key-ended-suspended = This key is paused. Only the admin can let it work again.
error-key-ended-expired = The time of this key is over. Ask for more first.
error-key-ended-exhausted = The traffic of this key is used up. Ask for more first.
error-key-ended-revoked = This key was taken away for good.
error-key-live = This key is working already.
error-key-unchanged = It is so already: nothing to change.
error-key-there = The key is there already: nothing has to move.
error-key-same-server = ✅ { $location }: your server leads there too, so nothing has to move. Your apps take it over with their next update; if one doesn't, update the subscription in it.
error-key-location = { $location } is not offered any more. Please choose another location.
error-key-instance = The panel { $instance } takes no keys now. Choose another one.
error-key-nothing-left = No traffic is left on this key, so it cannot move. Ask for more traffic first.
error-key-silent = 🌧 The server does not answer right now. Your key is safe: please try again in a few minutes.

### Errors about panels: what to look at

error-panel-refused = Nobody listens at that address and port. Check the port, and that the panel runs.
error-panel-dns = This name cannot be found. Check the address for typos.
error-panel-unreachable = There is no way from here to that address. Check the network and the firewall.
error-panel-timeout = The panel did not answer in time. It may be overloaded, or a firewall swallows the connection.
error-panel-cut = The connection was cut halfway. Try https:// instead of http:// (or the other way round), or another port.
error-panel-certificate = The panel's certificate is not trusted. If you signed it yourself, give its fingerprint or your CA under Advanced.
error-panel-proxy = The proxy on the way refuses the connection. Check its address and login.
error-panel-server-error = The panel reports an error of its own. Look into its log.
error-panel-too-many = The panel asks us to slow down. It will be asked again by itself.
error-panel-foreign = Something answers there, but it is not the panel. Check the port and the path after it.
error-panel-garbled = The answer could not be read. Something on the way may change it.
error-panel-busy = Too much is going on with this panel right now. Try again in a minute.
error-panel-unauthorised = The panel refuses this user name or password.
error-panel-forbidden = This login may not do that on the panel. Give one with more rights.
error-panel-invalid = The panel understood the request and refused it. Its version may be unknown to us.
error-panel-conflict = The account's state on the panel does not allow that.
error-panel-not-found = The panel does not know this account.
error-panel-exists = The panel has another account of that name already.
error-panel-settings = The connection settings cannot be used. Check proxy, certificate and headers under Advanced.
error-panel-no-inbounds = It has no inbounds: keys made here would be empty.
error-panel-core-stopped = The panel answers, but its core does not run: nobody can connect through it.
error-panel-unknown = The panel has trouble that we have no word for ({ $word }). The log tells more.

### Admins: buttons

button-admin-add = ➕ Add a panel
button-admin-list = 🖥 Panels
button-admin-health = 🩺 Health
button-admin-test = 🔎 Test now
button-admin-test-all = 🔎 Test all now
button-admin-edit = ✏️ Edit
button-admin-cordon = 🚪 No new keys
button-admin-open = ✅ Take new keys
button-admin-drain = 🚚 Move everyone away
button-admin-maintenance = 🛠 Maintenance
button-admin-for = { $span }
button-admin-until-opened = Until I open it
button-admin-people = 👥 Keys here
button-admin-remove = 🗑 Remove
button-admin-remove-yes = 🗑 Yes, remove it
button-admin-sure = ‼️ Yes, for good
button-admin-save = 💾 Save
button-admin-save-anyway = 💾 Save anyway
button-admin-change-address = ✏️ Another address
button-admin-change-login = ✏️ Another login
button-admin-advanced = ⚙️ Advanced
button-admin-clear = 🧹 Clear
button-admin-approve = ✅ Let in
button-admin-approve-with = ✅ With limits…
button-admin-deny = ❌ Refuse
button-admin-withdraw = 🚷 Take access away
button-admin-extend-days = +{ $count } { $count ->
        [one] day
       *[other] days
    }
button-admin-extend-gb = +{ $size }
button-admin-extend = 🎁 More time or traffic
button-admin-reset-traffic = 0️⃣ Traffic from zero
button-admin-suspend = ⏸ Pause
button-admin-resume = ▶️ Resume
button-admin-revoke = 🚫 Take away
button-admin-revoke-yes = 🚫 Yes, take it away
button-admin-move = 🚚 Move
button-admin-why = 💡 Why there?
button-admin-give = 🎁 Give a key
button-admin-person = 👤 { $name }
button-admin-automatic = ✨ Automatically
button-admin-start = ▶️ Start
button-admin-pause = ⏸ Pause
button-admin-go-on = ▶️ Go on
button-admin-stop = ⏹ Stop for good
button-admin-invite-make = ➕ New invitation
button-admin-invite-revoke = 🗑 Take back { $code }
button-admin-uses = { $count } { $count ->
        [one] person
       *[other] people
    }
button-admin-days = { $count } { $count ->
        [one] day
       *[other] days
    }
button-admin-unlimited = ♾ Unlimited
button-admin-default = As usual
button-admin-older = Older ›
button-admin-next = Next ›
button-admin-previous = ‹ Previous
button-admin-confirm = ✅ Yes
button-alert-acknowledge = ✋ I take care of it
button-alert-mute = 🔕 Mute for 1 hour
button-alert-unmute = 🔔 Unmute
button-alert-evacuate = 🚚 Move everyone away now
button-alert-evacuate-yes = 🚚 Yes, move everyone
button-alert-pause = ⏸ Pause moving
button-alert-resume = ▶️ Let moving go on
button-alert-next-address = 🔀 Next address
button-alert-brake-off = ▶️ Take the brake off
button-alerts = 🚨 Alerts

### Admins: help

admin-help =
    🛠 <b>For admins</b>

    /nodes – panels: list, settings, no new keys, move everyone away
    /addnode – add a panel
    /health – how the fleet is doing, and where the next key goes
    /alerts – what goes on, and what was
    /user – a person and their keys: find by id or @name
    /migrate – move keys of a person or of a whole panel
    /drain – empty a panel: how far it is, pause, finish now
    /simulate – what if a panel were lost, and how long there is room
    /maintenance – plan maintenance
    /rebalance – how even the load is; move keys to even it out
    /reconcile – what differs between a panel and the database
    /adopt – accounts that live on a panel already: take them over
    /restore – after a backup was restored: what would happen, and go on
    /broadcast – a message to all people, or to some
    /invite – invitations
    /stats – people, keys and traffic, with a chart
    /why – why a key is where it is
    /audit – who did what

    With your own account you use the bot like everybody else: /start, /key.
admin-value-invalid =
    ✋ That does not fit: { $reason }

    Please send it again.
admin-reason-number = a whole number from { $least } to { $most } is needed
admin-reason-weight = a number from 0.01 to 100 is needed, such as 1 or 2.5
admin-reason-region = a two-letter country code is needed, such as de or nl
admin-reason-url-scheme = the address must begin with https:// or http://
admin-reason-url-unreadable = this is no web address; one looks like https://vpn1.example.com:8000
admin-reason-url-userinfo = leave user name and password out of the address
admin-reason-long = it is too long; at most { $most } { $most ->
        [one] character
       *[other] characters
    }
admin-reason-empty = it is empty
admin-reason-id = 1 to 16 small letters a-z, digits or dashes are needed, beginning with a letter
admin-reason-proxy = a proxy address is needed, such as socks5://127.0.0.1:1080
admin-reason-headers = one header a line is needed, as Name: value
admin-reason-fingerprint = a SHA-256 fingerprint of 64 hex digits is needed
admin-reason-certificate = a certificate in PEM is needed, from BEGIN CERTIFICATE to END CERTIFICATE
admin-reason-connect-to = host:port is needed, such as 10.0.0.5:8000
admin-reason-name = a host name is needed, such as vpn.example.com
admin-reason-client-certificate = a certificate and its private key in PEM are needed, one after the other
admin-person-name = { $name } ({ $id })
admin-service = the service itself
admin-done = ✅ Done

### Panels: words

nodes-health-unknown = ⚪ not seen well yet
nodes-health-healthy = 🟢 works
nodes-health-degraded = 🟡 works in part
nodes-health-suspect = 🟠 perhaps in trouble
nodes-health-unreachable = 🔴 does not answer
nodes-health-control-down = 🟠 panel silent, keys may work
nodes-health-down = ⛔ down
nodes-health-misconfigured = 🔧 settings don't fit
nodes-health-blocked = 🚧 blocked for some people
nodes-health-recovering = 🔵 coming back
nodes-state-open = ✅ takes new keys
nodes-state-cordoned = 🚪 no new keys
nodes-state-maintenance = 🛠 maintenance
nodes-state-maintenance-until = 🛠 maintenance until { $until }
nodes-mode-observe = 👁 only watched: no keys are placed here

### Panels: list and card

nodes-none = 🖥 There is no panel yet. Add the first one: it takes a minute.
nodes-list = 🖥 <b>Panels</b>: { $count }, keys: { $keys }
nodes-row = { $icon } <b>{ $name }</b> { $flag } · { $taken } of { $cap }
nodes-row-latency = { $row } · { $latency }
nodes-row-state = { $row } · { $state }
nodes-card-title =
    🖥 <b>{ $name }</b> ({ $id })
    { $location }
nodes-card-health = { $health } · since { $since }
nodes-card-problem = ⚠️ { $problem }
nodes-card-checked = Checked { $ago }, answered in { $latency }
nodes-card-checked-silent = Checked { $ago }, no good answer
nodes-card-version = { $kind } { $version }
nodes-card-address = Address: { $address }
nodes-card-login = Login: { $username }
nodes-card-room = 👥 { $bar } { $taken } of { $cap } places
nodes-card-counts = Our keys: { $active }, being made: { $reserved }, moved away but still served: { $lingering }, not ours: { $foreign }
nodes-card-share = Order: { $priority }, share: { $weight }
nodes-card-provider = Hosted by: { $provider }
nodes-card-tags = Labels: { $tags }
nodes-card-note = 📝 { $note }
nodes-exits = <b>Exits</b>
nodes-exit-up = 🟢 { $name } · { $address }
nodes-exit-down = 🔴 { $name } · { $address }
nodes-exit-traffic = { $row } · { $traffic } in 30 days
nodes-exit-hidden = { $row } · hidden
nodes-exit-location = { $row } · { $location }
nodes-exit-more = … and { $count } more
nodes-not-found = This panel is not in the fleet any more.
nodes-keys = 👥 <b>{ $name }</b>: { $count } { $count ->
        [one] key
       *[other] keys
    }
nodes-keys-none = 👥 No keys of ours are on <b>{ $name }</b>.
nodes-testing = 🔎 Asking the panel…
nodes-opened = ✅ { $name } takes new keys again.
nodes-cordoned = 🚪 { $name } takes no new keys. Those on it stay and work on.
nodes-maintenance-choose = 🛠 How long is { $name } under maintenance? It takes no new keys and raises no alarm meanwhile. Keys on it stay.
nodes-remove-confirm = 🗑 Remove <b>{ $name }</b> from the fleet? The panel itself is not touched.
nodes-remove-sure = 🗑 Last question: <b>{ $name }</b> goes, with its settings and its password. Sure?
nodes-removed = 🗑 { $name } is removed.
nodes-in-use = ✋ This panel is still in use: { $keys } { $keys ->
        [one] key
       *[other] keys
    } on it, { $leftovers } { $leftovers ->
        [one] old account
       *[other] old accounts
    } to be cleared. Tap <b>🚚 Move everyone away</b> first; what was moved is cleared after a while by itself.
nodes-already-there = ✋ This panel is in the fleet already, as { $id }.
nodes-id-taken = ✋ The short name { $id } is taken. Choose another one.

### Panels: what a live test found

nodes-test-good = ✅ <b>The panel answers well</b> ({ $latency })
nodes-test-bad =
    ❌ <b>The panel cannot be used like this</b>
    { $problem }
nodes-test-version = Version { $version }
nodes-test-users = Users: { $active } active of { $total }
nodes-test-inbounds = Ways in: { $inbounds }
nodes-test-exits = Exits: { $connected } of { $total } connected
nodes-test-not-sudo = ℹ️ This login is not the panel's owner: exits and some checks are out of sight. All else works.
nodes-warning-no-inbounds = ⚠️ The panel has no inbounds: keys made here would be empty. Set some up in the panel first.
nodes-warning-core-stopped = ⚠️ The panel's core does not run: nobody can connect. Start it in the panel.
nodes-warning-reality-raw = ⚠️ The inbound { $tag } is REALITY with the network called "raw": new keys cannot connect until the core restarts. Call it "tcp" in the panel's core settings.
nodes-warning-unknown-inbound = ⚠️ The panel has no inbound called { $tag }. Check the name under Advanced.
nodes-warning-plain-http = ⚠️ The address is plain http://: the panel's password crosses the network in the open. Use https:// or a tunnel.

### Panels: editing

nodes-edit-choose = ✏️ What shall be changed on <b>{ $name }</b>?
nodes-edit-ask =
    ✏️ <b>{ $field }</b>
    Now: { $value }

    Send the new value.
nodes-edit-ask-secret =
    ✏️ <b>{ $field }</b>

    Send the new value. I delete your message at once.
nodes-edit-saved = 💾 Saved.
nodes-edit-saved-below = 💾 Saved. There are more keys than that already: they stay, and new ones come only when there is room again.
nodes-value-none = not set
nodes-value-set = set
nodes-field-name = Name
nodes-field-note = Note
nodes-field-address = Address
nodes-field-username = User name
nodes-field-password = Password
nodes-field-region = Location
nodes-field-provider = Hosting company
nodes-field-tags = Labels
nodes-field-priority = Order (lower is filled first)
nodes-field-weight = Share of new keys
nodes-field-cap = Places at most
nodes-field-mode = Only watch, or use
nodes-field-proxy = Proxy to the panel
nodes-field-headers = Extra headers
nodes-field-ca = Own certificate authority (PEM)
nodes-field-fingerprint = Certificate fingerprint (SHA-256)
nodes-field-connect-to = Connect to host:port
nodes-field-sni = Name for TLS (SNI)
nodes-field-client-certificate = Certificate to show, with its key (PEM)
nodes-field-inbounds = Inbounds to offer
nodes-mode-choose = 👁 Shall keys be placed on <b>{ $name }</b>, or is it only watched?
nodes-mode-use-label = ✅ Use it
nodes-mode-observe-label = 👁 Only watch

### Adding a panel

addnode-begin =
    ➕ <b>A new panel</b>

    I ask for a few things, test the panel, and you decide. Nothing is saved before that.
addnode-address =
    <b>1.</b> The panel's address, with port and path if it has one. For example:
    <code>https://vpn1.example.com:8000</code>
addnode-region = <b>4.</b> In which country is it? Tap one, or send its two-letter code, such as <code>de</code>.
addnode-name = <b>5.</b> What shall people call it? For example: Frankfurt 1
addnode-username = <b>2.</b> The user name of the panel's admin.
addnode-password = <b>3.</b> The password. I delete your message at once and keep the password encrypted.
addnode-password-kept = 🔒 Password received, your message is deleted.
addnode-password-delete-failed = 🔒 Password received. I could not delete your message: please delete it yourself.
addnode-cap = <b>6.</b> How many keys at most? Tap, or send a number.
addnode-review =
    ➕ <b>{ $name }</b> · { $location }
    Address: { $address }
    Login: { $username }
    Places at most: { $cap }
    Order: { $priority }, share: { $weight }
addnode-tested-good = ✅ Tested: it works.
addnode-tested-bad = ⚠️ The test failed. { $problem }
addnode-test-bad-next = Change something and try again. Or save it as it is: it gets keys as soon as it answers well.
addnode-save-question = Save this panel? It takes new keys at once.
addnode-save-question-bad = Save it as it is? It gets keys as soon as it answers well.
addnode-advanced =
    ⚙️ <b>Advanced</b>

    Most panels need none of this.
addnode-advanced-row = { $field }: { $value }
addnode-saved = 🎉 <b>{ $name }</b> is in the fleet, as { $id }.
addnode-cancelled = Nothing was saved.
addnode-over = 🔁 This form is over: it was saved, or left. Nothing more was changed.

### Health: the whole fleet

health-title = 🩺 <b>How the fleet is doing</b>
health-all-well = 🟢 All { $count } { $count ->
        [one] panel works
       *[other] panels work
    }.
health-some-bad = 🔴 { $bad } of { $count } panels { $bad ->
        [one] needs
       *[other] need
    } a look.
health-row = { $health } · { $name } · { $taken } of { $cap }
health-checking = 🔎 Asking all panels…
health-checked = 🔎 Asked just now: { $good } of { $count } answered well.
health-waiting = 🪑 { $count } { $count ->
        [one] key waits
       *[other] keys wait
    } for a free place.
health-next = ➡️ The next key goes to { $name }: { $taken } of { $cap } places are taken there.
health-refused = Left out: { $reasons }
health-next-none = 🪑 The next key would have to wait: no panel takes keys right now.
health-row-uptime = { $row } · ⏱ { $uptime }
health-legend = ⏱ how much of the last 24 hours the panel answered. A tap on a panel shows everything about it.
health-not-found = There is no panel called { $name }. Write /health for all of them.

### Health: the service itself

system-title = ⚙️ <b>The service itself</b>
system-version = Karvan { $version }
system-since = Runs since { $since }: { $span }
system-sqlite = Database: SQLite, answers in { $took }
system-postgres = Database: PostgreSQL, answers in { $took }
system-memory = Memory: { $size }
system-replicas-this = Processes: { $count } · this one leads
system-replicas-another = Processes: { $count } · another one leads
system-replicas-nobody = Processes: { $count } · nobody leads at the moment
system-drift = ⚠️ They have different settings: { $names }
system-unknown = ⚠️ Work that only a newer version knows: { $count }
system-vantage = 🛰 { $name } reported { $ago }
system-vantage-silent = ⚠️ The vantage { $name } last reported { $ago }. Does karvan probe run there?
system-vantage-never = ⚪ The vantage { $name } has not reported yet
system-hold = ⛔ <b>On hold:</b> no panel is written to and nothing is sent until an admin confirms
system-queues =
    <b>Waiting</b>
    Work on keys: { $operations }
    Keys without room: { $waiting }
    Messages to be sent: { $letters }
    Updates to be handled: { $updates }
    Accounts to be deleted: { $leftovers }
system-loops = <b>In the background</b>
system-loop = ✅ { $name } · { $ago }, took { $took }
system-loop-next = { $row } · again in { $span }
system-loop-running = ▶️ { $name } runs now
system-loop-always = ✅ { $name } runs all the time
system-loop-never = ⚪ { $name } has not run yet
system-loop-failed = ⚠️ failed { $count } { $count ->
        [one] time
       *[other] times
    }, last { $ago }: { $what }
system-loop-panic = a fault in the program; it was caught
button-health-system = ⚙️ The service
button-health-refresh = 🔄 Look again

### Health: one panel

vitals-next-check = ➡️ All is well. It is looked at again in { $span }.
vitals-next-check-soon = ➡️ It is looked at every few seconds.
vitals-next-first = ➡️ It takes keys after its first good checks.
vitals-next-maintenance = ➡️ Maintenance: no new keys and no alarm, until you open it.
vitals-next-maintenance-until = ➡️ Maintenance: no new keys and no alarm until { $until }.
vitals-next-confirming = ➡️ One check failed. Whether it is real is known within seconds.
vitals-next-watched = ➡️ Judged again at each check. Nobody is moved before its death is proved.
vitals-next-stay = ➡️ Keys stay: as far as can be seen they work. What needs the panel waits.
vitals-next-leave = ➡️ Everybody is moved away from { $at } on.
vitals-next-leaving = 🚚 Everybody is being moved away. Still there: { $count }.
vitals-next-paused = ⏸ Moving away is paused. Still there: { $count }.
vitals-next-brake = 🛑 The emergency brake is on, so nobody is moved by itself: /alerts
vitals-next-ask = 👉 Nobody is moved until you say so. Tap "Move everyone away".
vitals-next-off = ➡️ Nobody is moved by itself here.
vitals-next-empty = ➡️ No keys of ours are on it.
vitals-next-settings = 👉 Keys stay. Check address, login and certificate of the panel.
vitals-next-blocked = ➡️ New keys go elsewhere until you take the mark off. Keys on it stay.
vitals-next-quarantine = ➡️ It is watched, and takes keys again from { $at } on.
vitals-next-ramp = ➡️ It fills up again slowly: { $percent } so far.
vitals-checks = <b>Checks</b>
vitals-panel = Panel: { $found } ({ $ago })
vitals-panel-never = Panel: not looked at since the service started
vitals-seen-good = it answers
vitals-seen-refused = nobody listens there
vitals-seen-silent = no answer in time
vitals-seen-broken = it answers with errors, or its core stands still
vitals-seen-foreign = something answers, but not to us
vitals-seen-front = something in front of it asks for patience
vitals-seen-local = trouble on our own way there, which says nothing about the panel
vitals-addresses = Addresses in users' links:
vitals-endpoint-up = 🟢 { $address } answers ({ $ago })
vitals-endpoint-down = 🔴 { $address } { $problem } ({ $ago })
vitals-endpoint-unseen = ⚪ { $address } did not answer from here in a day, so it proves nothing
vitals-endpoint-new = ⚪ { $address } is not looked at yet
vitals-endpoint-none = No address of users is known yet: it comes with the first keys.
vitals-endpoint-refused = refuses connections
vitals-endpoint-silent = does not answer
vitals-endpoint-origin-dead = has a living front, but a dead server behind it
vitals-outlook-reaches = 🛰 Reached from { $vantage } since { $since }
vitals-outlook-misses = 🚧 Not reached from { $vantage } since { $since }
vitals-certificate = 📜 Certificate until { $date }: { $span } left
vitals-certificate-ended = 📜 The certificate ended on { $date }
vitals-history = <b>Answered</b>: { $day } in 24 hours, { $week } in 7 days, { $month } in 30 days
vitals-history-none = –
vitals-latency = Answers within { $mean } on average, { $most } at most
vitals-complaints = 🙋 Said within a day that it does not work, or made a new link: { $count } { $count ->
        [one] person
       *[other] people
    }
vitals-checking = 🔎 Looking at it…
vitals-blocked-ask = 🚧 Mark <b>{ $name }</b> as blocked for some people? New keys go elsewhere, keys on it stay. All admins are told.
vitals-blocked-done = 🚧 { $name } is marked as blocked.
vitals-unblocked-done = ✅ { $name } is not marked as blocked any more.

### Exits

nodes-exit-connecting = 🟠 { $name } · { $address }
nodes-exit-disabled = ⚪ { $name } · { $address } · switched off
nodes-exit-coefficient = { $row } · ×{ $times }
nodes-exit-rate = { $row } · { $rate }
nodes-exit-message = ⚠️ { $message }
exits-title = 🛰 <b>Exits of { $name }</b>
exits-about = Whoever has a key on this panel may use each of its exits. Tap one to hide it, to connect it anew or to say where it leaves the network.
exits-none = This panel shows no exits: its login is not the panel's owner.
exits-gone = This exit is not there any more.
exits-hidden = 🙈 { $exit } is hidden: its links are left out of people's subscriptions, and it does not count when keys are placed.
exits-shown = 👁 { $exit } counts again.
exits-reconnecting = 🔌 The panel connects to { $exit } anew. The next check tells how it went.
exits-failed = ✋ That did not work. { $problem }
exits-location-ask = 🌍 Where does <b>{ $exit }</b> leave the network? Tap a location, or type its two letters, such as <code>nl</code>.
exits-location = 🌍 { $exit } leaves in { $location }. Where no panel of yours stands, people can choose that location from now on.
exits-location-unseen = 🌍 { $exit } leaves in { $location }. People can choose that only with links of your own: set PUBLIC_URL.
exit-links-title = 🔗 <b>Links of { $name }</b>
exit-links-about = Links of an exit that fails or is hidden are left out of people's subscriptions. Where a link leads, its address or its name tells; a link marked ❔ tells nothing and always stays. Tap a link to say through which exit it leads.
exit-links-none = No links to show yet: they come with the first key on this panel.
exit-link-unknown = ❔ { $link } · { $address }
exit-link-found = 🔗 { $link } · { $address } → { $exits }
exit-link-is = 🔗 { $link } · { $address } → { $exit } (you said so)
exit-link-is-none = 🔗 { $link } · { $address } → through no exit (you said so)
exit-link-ask = Through which exit does <b>{ $link }</b> lead? That holds for this link of all keys.
exit-link-said = 💾 Saved. People's apps see it with their next update.
exit-link-gone = This link is not there any more.
exits-restart-ask = ♻️ Restart the core of <b>{ $name }</b>? Everybody who is connected through this panel or its exits is cut off for some seconds. Most apps connect again by themselves.
exits-restart-sure = ‼️ Last question: { $count } { $count ->
        [one] key of ours is
       *[other] keys of ours are
    } on <b>{ $name }</b>, and connections drop right now. Restart?
exits-restarting = ♻️ Restarting…
exits-restarted = ♻️ The core of { $name } was restarted.
button-health-check = 🔎 Check now
button-health-exits = 🛰 Exits
button-health-blocked = 🚧 Mark as blocked
button-health-unblocked = ✅ Not blocked any more
button-health-panel = 🖥 The panel
button-health-maintenance = 🛠 { $span }
button-exit-hide = 🙈 Hide
button-exit-show = 👁 Show again
button-exit-reconnect = 🔌 Connect anew
button-exit-region = 🌍 Location
button-exit-region-home = Where its panel stands: { $location }
button-exit-links = 🔗 Links and exits
button-exit-link-none = 🚫 Through none of them
button-exit-link-clear = ↩️ As its address or name says
button-exit-restart = ♻️ Restart the core
button-exit-restart-yes = ♻️ Yes, restart
unit-kbits = { $amount } kbit/s
unit-mbits = { $amount } Mbit/s
unit-gbits = { $amount } Gbit/s

### People and their keys, for admins

person-ask = 👤 Whom? Send their id or @name, or forward a message of theirs.
person-not-found = I don't know this person. They must open the bot once.
person-card =
    👤 <b>{ $name }</b>
    id: { $id }
person-username = Telegram: { $username }
person-access-none = Access: not asked yet
person-access-requested = Access: asked, no answer yet
person-access-granted = Access: yes
person-access-denied = Access: refused
person-since = Here since { $date }, last seen { $ago }
person-blocked = 🚫 Has blocked the bot: nothing can be sent.
person-keys-none = No keys.
person-key-row = 🔑 { $number } · { $state } · { $location } · { $used } of { $limit }
person-key-row-unlimited = 🔑 { $number } · { $state } · { $location } · { $used } used, no limit
person-key-owner = 👤 { $name } ({ $id })
person-key-panel = 🖥 Panel: { $name } ({ $id })
person-key-panel-none = 🖥 Panel: none yet
person-key-lingering = 🕰 Old accounts that still serve: { $count }
person-extend = 🎁 How much more? Tap one, or send a number of days (<code>30d</code>) or gigabytes (<code>50g</code>); with a minus it is taken away.
person-extend-invalid = send days such as 30d, or gigabytes such as 50g
person-revoke-confirm = 🚫 Take this key away for good? It stops working at once, on every device.
person-revoke-sure = 🚫 Last question: there is no way back. Take it away?
person-move-choose = 🚚 Where shall this key go?
person-asked = ⏳ On its way. The card below shows how it goes on.
person-asked-before = ⏳ That is under way already.
person-key-gone = This key is gone: it was taken away.
person-key-ended = This key does not serve now ({ $state }). Let it work again first, then try once more.
person-key-empty = No traffic is left on this key, so it cannot move. Give it more first.
person-give-choose = 🎁 A new key for { $name }. For how long?
person-give-traffic = 🎁 How much traffic?

### Requests for access, for admins

request-card =
    🙋 <b>{ $name }</b> asks for access.
    id: { $id }
request-granted =
    ✅ <b>{ $name }</b> was let in.
    id: { $id }
request-denied =
    ❌ <b>{ $name }</b> was refused.
    id: { $id }
request-limits =
    ⚙️ How long and how much may <b>{ $name }</b> have?
    id: { $id }
request-settled = Somebody has decided already
request-choice = { $span } · { $size }

### Moving many keys

migrate-scope =
    🚚 <b>Move keys</b>

    Whose? Choose a panel, or send a person's id or @name.
migrate-target = 🚚 From <b>{ $source }</b>. Where to?
migrate-preview =
    🚚 <b>{ $source }</b>: { $count } { $count ->
        [one] key moves
       *[other] keys move
    }.
    Nobody is cut off: the old place works until the new one does.
migrate-preview-target = ➡️ { $name }: { $count }
migrate-preview-stranded = 🪑 { $count } { $count ->
        [one] key finds
       *[other] keys find
    } no room and will wait for it.
migrate-preview-skipped = ⏭ Staying: { $count }. These keys don't work now, or something else is being done to them.
migrate-preview-closed = 🚪 { $source } takes no new keys from now on.
migrate-empty = There is nothing to move.
migrate-changed = 🔁 Things have changed since the preview. Here is the new one:
migrate-started = ▶️ <b>The move has begun.</b> A message below shows how it goes on.
migrate-over = 🔁 This question is out of date. Begin anew.
migrate-not-found = I know no panel, key or person of that name.
migrate-progress-running = 🚚 <b>Moving keys</b>
migrate-progress-paused = ⏸ <b>Moving keys: paused</b>
migrate-progress-cancelled = ⏹ <b>Moving keys: stopped</b>
migrate-progress-done = ✅ <b>Moving keys: done</b>
migrate-progress-route = { $source } ➡️ { $target }
migrate-progress-any = several
migrate-progress-bar =
    { $bar } { $percent }
    { $done } of { $total } moved
migrate-progress-waiting = 🪑 { $count } { $count ->
        [one] waits
       *[other] wait
    } for a turn or for room
migrate-progress-given-up = ⏭ { $count } given up
migrate-progress-left = ⏱ About { $span } left
migrate-progress-took = ⏱ Took { $span }
migrate-ended = This has ended already.
migrate-recent = <b>Lately</b>
migrate-recent-row = { $when }: { $source } ➡️ { $target }, { $done } of { $total }

### Everybody away from a panel

rebalance-title = ⚖️ <b>Load</b>
rebalance-none = There is nothing to compare: no location has two panels that are well, open and have about 20 users each.
rebalance-even = ✅ { $count ->
        [one] One location is even enough: its panels differ by { $spread }.
       *[other] { $count } locations are even enough: their panels differ by { $spread } at most.
    }
rebalance-more = … and { $count } more
rebalance-place = <b>{ $location }</b>
rebalance-place-labels = <b>{ $location }</b> · { $labels }
rebalance-panel = { $name } ({ $count })
rebalance-group =
    { $place }: panels differ by { $spread }
    Emptiest { $least }, fullest { $most }
rebalance-moves = 🚚 { $count } { $count ->
        [one] move makes
       *[other] moves make
    } it { $spread }; no plan does with fewer than { $bound }. About { $span }.
rebalance-pair = { $from } ➡️ { $to }: { $count }
rebalance-pairs-more = … and { $count } more pairs
rebalance-stuck = ✋ Nothing can be moved: those users are not ours, or there is no room.
rebalance-rules =
    { $count } { $count ->
        [one] key moves
       *[other] keys move
    } within { $span }: at most 1 % an hour and 5 % a day, only keys that nobody uses at the moment, none twice in a week. Owners are told when their link changes; the old one works on for a while.
rebalance-not-panic = 🛑 Nothing moves now: so much is bad at once that the brake is on.
rebalance-not-hold = 🛑 Nothing moves now: everything is held until an admin confirms.
rebalance-not-paused = 🛑 Nothing moves now: an admin stopped all moves.
rebalance-not-evacuation = 🛑 Nothing moves now: everybody leaves a dead panel, and that comes first.
rebalance-not-yet = 🛑 Nothing moves yet: there was trouble a moment ago. Again in { $span }.
rebalance-nothing = ✅ There is nothing to move.
rebalance-open = It is under way already.
rebalance-changed = 🔁 Far more would be moved by now. Have a look, and begin again if you like.
rebalance-unknown = I know no such run.
rebalance-started = ▶️ <b>It has begun.</b> A message below shows how it goes on.
rebalance-running = ⚖️ <b>Evening out the load</b>
rebalance-running-back = ↩️ <b>Taking moves back</b>
rebalance-paused = ⏸ <b>Evening out the load: paused</b>
rebalance-cancelled = ⏹ <b>Evening out the load: stopped</b>
rebalance-done = ✅ <b>Evening out the load: done</b>
rebalance-since = 🗓 since { $when }
button-rebalance-run = ⚖️ Even out: { $count } { $count ->
        [one] move
       *[other] moves
    }
button-rebalance-back = ↩️ Move { $count } back
button-rebalance-look = ⚖️ The load

drain-which =
    🚚 <b>Empty a panel</b>

    Which one? It takes no new keys, all keys move to other panels, and their old places work on until everybody had time to fetch the new link.
drain-unknown = I know no panel of that name.
drain-none = 🚚 <b>{ $name }</b> is not being emptied.
drain-moving = 🚚 <b>{ $name } is being emptied</b>
drain-paused = ⏸ <b>{ $name } is being emptied: paused</b>
drain-left = ✋ <b>{ $name }: keys are left</b>
drain-lingering = 🕰 <b>{ $name }: everybody has moved</b>
drain-drained = ✅ <b>{ $name } is empty</b>: no key is served there any more. It takes no new ones until you open it.
drain-row-left = 🔑 { $count } { $count ->
        [one] key still is
       *[other] keys still are
    } there
drain-row-lingering = 🕰 { $count } old { $count ->
        [one] account works
       *[other] accounts work
    } on for whoever has not fetched the new link, until { $until } at the latest
drain-row-asleep = 😴 { $count } { $count ->
        [one] key that does not work now stays until it ends
       *[other] keys that do not work now stay until they end
    } or { $count ->
        [one] is
       *[other] are
    } renewed
drain-finish-ask =
    ✂️ <b>Finish { $name } now?</b>

    { $count } old { $count ->
        [one] account stops
       *[other] accounts stop
    } working at once.
drain-finish-users = { $count ->
        [one] { $count } person was seen using one since the move: their app stays offline until it fetches the link anew.
       *[other] { $count } people were seen using them since the move: their apps stay offline until they fetch the link anew.
    }
drain-finish-nothing = There is nothing that could be finished early.
drain-finish-kept = 🛟 { $count } { $count ->
        [one] old account stays: its
       *[other] old accounts stay: their
    } new place is in trouble now.
drain-finish-nobody = Nobody was seen using them since the move.
drain-finish-sure-nobody = ‼️ Really? This cannot be taken back.
drain-finish-sure = { $count ->
        [one] ‼️ Really? This cannot be taken back. { $count } person loses the connection:
       *[other] ‼️ Really? This cannot be taken back. { $count } people lose the connection:
    }
drain-finish-row = 👤 { $name }
drain-finish-more = … and { $count } more
drain-finished = ✂️ Let go of: { $count }. They are deleted now.
button-drain-look = 📈 How far is it?
button-drain-rest = 🚚 Move the rest
button-drain-finish = ✂️ Finish now
button-drain-finish-yes = ✂️ Yes, finish

### What would be, and how long there is room

simulate-title = 🔮 <b>If lost: { $names }</b>
simulate-nobody = Nobody would have to move: no working keys are there.
simulate-all-fit = ✅ { $count ->
        [one] { $count } key moves, and it finds room.
       *[other] { $count } keys move, and all find room.
    }
simulate-stranded = ❗️ { $count } of { $all } keys would find no room and wait.
simulate-loss = 💥 { $name }: { $moved } move, { $stranded } wait
simulate-target = ➡️ { $name }: { $count }
simulate-note = Only a simulation by the counts of this moment: nothing was changed. Panels are filled to 95 %.
simulate-unknown = I know no panel called { $name }.
outlook-title = 🔮 <b>What if?</b>
outlook-no-keys = No keys yet, so there is nothing to lose.
outlook-any-one = ✅ { $count ->
        [one] The panel with keys can be lost: all find room elsewhere.
       *[other] Any one of { $count } panels can be lost: all find room elsewhere.
    }
outlook-irreplaceable = ❗️ { $count ->
        [one] <b>This panel cannot be lost</b>, the others have too little room:
       *[other] <b>These { $count } panels cannot be lost</b>, the others have too little room:
    }
outlook-irreplaceable-row = • { $name }: { $count } of { $keys } keys would wait
outlook-locations = <b>Room for new keys</b>
outlook-fills = • { $region }: { $room }, full in about { $span } at { $pace } keys a day
outlook-lasts = • { $region }: { $room }, not filling up
outlook-full = • { $region }: ❗️ full
outlook-more = … and { $count } more
outlook-hint = Choose a panel to see who would go where. For several at once: <code>/simulate down de1 nl1</code>

### Planned maintenance

maintenance-title = 🛠 <b>Maintenance</b>
maintenance-none = Nothing is planned.
maintenance-hint = Within it a panel takes no new keys, raises no alarm, and nobody is moved away. Choose a panel, or write: <code>/maintenance de1 22:30 2h</code>
maintenance-row-now = 🛠 { $name }: now, until { $end }
maintenance-row = 📅 { $name }: { $start }, for { $span }
maintenance-ask =
    📅 <b>{ $name }</b>: when, and for how long?

    <code>22:30 2h</code>
    <code>2026-11-22 03:00 30m</code>
    <code>now 1h30m</code>

    It is { $clock } now.
maintenance-misfit-start = ✋ I don't understand the beginning. Write it like 22:30, 2026-11-22 03:00 or now, then a space and the duration.
maintenance-misfit-no-such-time = ✋ There is no such time on that day: clocks are put forward then.
maintenance-misfit-past = ✋ That time is over already.
maintenance-misfit-far = ✋ That is more than 90 days ahead.
maintenance-misfit-duration = ✋ I don't understand the duration. Write it like 30m, 2h or 1h30m.
maintenance-misfit-length = ✋ It must last from a minute to 7 days.
maintenance-overlaps = ✋ Another maintenance of this panel is planned from { $start } to { $end }.
maintenance-planned = 📅 Planned: { $name }, from { $start } to { $end }.
maintenance-cancelled = ✅ It was taken back.
maintenance-ended = ✅ It has ended. The panel is again what it was before.
maintenance-over = This is over already.
maintenance-news-began = 🛠 <b>{ $name }: maintenance has begun</b>, until { $end }. No new keys and no alarms until then.
maintenance-news-ended = ✅ <b>{ $name }: maintenance is over.</b> It is looked after as usual again.
maintenance-news-ended-early = ✅ <b>{ $name }: maintenance was ended early.</b> It is looked after as usual again.
maintenance-news-cancelled = 📅 { $name }: the maintenance of { $start } was taken back.
maintenance-news-missed = ❔ <b>{ $name }: planned maintenance was missed.</b> The bot did not run until it was over, at { $end }.
button-maintenance-new = 📅 Plan
button-maintenance-end = ⏹ End now: { $name }
button-maintenance-cancel = ✖️ Take back: { $name }, { $clock }

### Panels held against the database

claim-looking = 🔎 I see a key. I am asking the panels whose it is …
claim-yours =
    ✅ <b>This key is yours now</b>

    It goes on working as it is. From now on I look after it: you see its days and traffic here, and tell me when it does not work.
    I deleted your message, because whoever sees such a link can use it.
claim-already = 👍 This key is yours already.
claim-unknown = 🤷 I do not know this key. Please check that you sent all of it, or write to us.
claim-later = ⏳ I cannot check this key at the moment. Please send it again in a few minutes.
claim-often = ✋ That were many attempts. Please try again in an hour.
button-adopt-go = 📥 Take over what is certain
adopt-which =
    📥 <b>Accounts that live on a panel already</b>

    Which panel? Nothing on it is changed.
adopt-title = 📥 Accounts on <b>{ $name }</b>
adopt-take = ✅ with a certain owner: { $count }
adopt-strangers = ▫️ of them new to the bot: { $count }
adopt-doubtful = ❔ with a bare number of nobody the bot knows: { $count }
adopt-unclear = ❔ with several numbers: { $count }
adopt-nobodys = ▫️ that do not tell whose they are: { $count }
adopt-keys = 🔑 keys already: { $count }
adopt-marked = 🚫 with the mark of another Karvan: { $count }
adopt-more = … and { $count } more
adopt-explained = Only the first are taken over. Nothing on the panel changes, and it goes on deciding about their limits.
adopt-done = ✅ Taken over: { $count }
adopt-unread = 🔌 The panel cannot be read: { $problem }
backup-parcel =
    💾 <b>Backup of { $when }</b>
    { $rows } rows, { $size }. It opens only with your SECRET_KEY.
button-hold-look = 🔎 What would happen?
button-hold-go = ▶️ Go on, without old messages
button-hold-send = ✉️ Go on, and send old messages
hold-held =
    ✋ <b>Everything is held</b> since { $when }

    A backup was restored. Nothing is written to a panel or sent to users before one of you says so.
hold-title =
    ✋ <b>Everything is held</b> since { $when }

    The backup is of { $made }. If everything went on:
hold-operations = ▫️ { $what }: { $count }
hold-kind-issue = keys made or made again
hold-kind-move = keys moved to another panel
hold-kind-rotate = keys reset
hold-kind-sync = changes carried to panels
hold-kind-revoke = keys taken away
hold-tombstones = ▫️ accounts deleted from panels, if still there: { $count }
hold-messages = ✉️ messages that waited in the backup: { $count }
hold-updates = 📥 requests of people that waited in it: { $count }
hold-panel = ▫️ <b>{ $id }</b>: { $missing } of { $expected } accounts missing, { $newer } newer than the backup
hold-panel-silent = 🔌 <b>{ $id }</b> does not answer; it is compared later
hold-explained = Accounts that are newer than the backup are left alone. Messages and requests that waited were most likely sent and handled since: without need, go on without them.
hold-nothing = ✅ Nothing is held.
hold-reading = ⏳ Reading the panels …
hold-released = ▶️ Everything goes on.
button-reconcile-go = ▶️ Put it right
button-reconcile-look = 🔎 Compare now
button-reconcile-make-again = ➕ Make the missing again
button-reconcile-restored = ⏪ Panel was restored: put all right
button-reconcile-wrong-panel = 🚫 Wrong panel: hands off
button-reconcile-take-over = 📥 Keep what they got
button-reconcile-put-back = ↩️ Put it back
reconcile-which =
    🧮 <b>Compare a panel with the database</b>

    Which one? You see what differs before anything is changed.
reconcile-title = 🧮 <b>{ $name }</b> and the database
reconcile-clean = ✅ All is as it should be. Accounts: { $count }
reconcile-create = ➕ Missing, will be made again: { $count }
reconcile-repair = 🔧 Changed on the panel, will be put right: { $count }
reconcile-take-over = 📥 Changed on the panel that decides about them, will be taken over: { $count }
reconcile-delete = 🧹 Left over, will be deleted: { $count }
reconcile-wait = ⏳ Left over, will go later, a few at a time: { $count }
reconcile-forget = 🗂 Left behind by moves and already gone: { $count }
reconcile-unmarked = ❔ Named like ours, but without our mark: { $count }. They are left alone.
reconcile-missing =
    ❗️ <b>Missing: { $count } of { $of } accounts.</b> That is too many for an accident, so nothing is changed on this panel until you decide:
    • Was it emptied by mistake? Make the missing again: same keys, same links.
    • Was it restored from a backup? The missing are made again, and what differs is put right.
    • Is it another panel than you think? Then it gets no new keys and is left alone.
reconcile-favour =
    🎁 <b>Somebody gave more than was sold: { $count }</b> (later end, more traffic, or enabled again). It stays so until you decide: keep it, or put it back.
reconcile-twice =
    👥 <b>Managed twice: { $count } accounts</b> bear the mark of another Karvan, or of another panel entry of this one. They are not touched. Remove the panel from one of the two.
reconcile-newer =
    ⏮ <b>Unknown: { $count } accounts</b> bear our mark, but this database never made them. Is it an old copy? They are not touched.
reconcile-observed = 👁 This panel is only watched, so nothing is changed.
reconcile-not-well = 🌧 This panel is not well, so nothing is changed now.
reconcile-alone = 🚫 You said that this is the wrong panel: nothing is changed until you answer otherwise or let it take new keys again.
reconcile-held = ✋ Nothing is changed by itself at the moment: see /health
reconcile-acted = ✅ Begun: { $count }. It takes a moment.
reconcile-taken-over = ✅ Kept: { $count }
reconcile-left-alone = 🚫 No new keys there, and hands off.
reconcile-unread = 🔌 The panel cannot be read: { $problem }
reconcile-reading = ⏳ Reading all accounts of the panel …

### How it grows

stats-title = 📊 <b>The last { $days } days</b>
stats-people = 👥 { $count } { $count ->
        [one] person
       *[other] people
    }
stats-blocked = { $people }, { $blocked } blocked the bot
stats-keys = 🔑 { $count } { $count ->
        [one] key works
       *[other] keys work
    }
stats-new = 🟦 New keys: { $count }
stats-traffic = 🟩 Traffic: { $size }
stats-traffic-unknown = 🟩 Traffic: not known yet. It is counted by whole hours, from now on.
stats-traffic-partly = Only hours that were watched without a gap are counted; on { $days } of { $of } days there were some.
stats-regions = <b>Working keys by location</b>
stats-panels = <b>By panel</b>
stats-row = { $name }: { $count } ({ $share })
stats-more = and { $count } more: { $keys }
stats-nothing = 📊 There is nothing to show yet. As soon as there are keys, they are here: how many, where, and how much passes.
button-stats-days = { $count } { $count ->
        [one] day
       *[other] days
    }
button-stats-days-now = ✅ { $count } { $count ->
        [one] day
       *[other] days
    }

### A message to many people

broadcast-whom =
    📣 <b>Message to people</b>

    Who shall get it? Whoever blocked the bot or was refused is left out.
broadcast-which-region = 📣 Who has a key in which location?
broadcast-which-panel = 📣 Who has a key on which panel?
broadcast-everybody = everybody
broadcast-with-key = with a working key
broadcast-without-key = without a working key
broadcast-in-region = with a key in { $location }
broadcast-on-panel = with a key on { $name }
broadcast-ask =
    ✍️ <b>Write the message</b>

    It goes to { $count } { $count ->
        [one] person
       *[other] people
    } ({ $audience }). Bold, links, quotes and other formatting stay as you write them. You will see it before it is sent.
broadcast-nobody = 🤷 There is nobody to write to: { $audience }.
broadcast-only-text = ✋ This can only be text. Pictures, files and voice messages are not sent on.
broadcast-too-long = ✋ This is too long: { $length } characters of at most { $most }. Please shorten it.
broadcast-refused = ✋ Telegram does not take this message as it is. Please write it with simpler formatting.
broadcast-preview =
    👆 <b>This is what people will see.</b>

    It goes to { $count } { $count ->
        [one] person
       *[other] people
    } ({ $audience }). Another text? Just send it.
broadcast-started = 📣 <b>It goes out.</b> A message below shows how far it is.
broadcast-cancelled = Nothing was sent.
broadcast-over = 🔁 This question is out of date, and nothing was sent. Begin anew.
broadcast-ended = This has ended already.
broadcast-running = 📣 <b>Message to people: goes out</b>
broadcast-stopped = ⏹ <b>Message to people: stopped</b>
broadcast-done = ✅ <b>Message to people: sent</b>
broadcast-bar =
    { $bar } { $percent }
    { $sent } of { $total } got it
broadcast-blocked = 🚫 { $count } blocked the bot or left Telegram
broadcast-failed = ⚠️ { $count } not taken by Telegram
broadcast-left = ⏹ { $count } { $count ->
        [one] person does
       *[other] people do
    } not get it any more
broadcast-recent = <b>Lately</b>
broadcast-recent-row = { $when }: { $audience }, { $sent } of { $total }
button-broadcast-group = 👥 { $name }: { $count }
button-broadcast-region = 📍 One location
button-broadcast-panel = 🖥 One panel
button-broadcast-send = 📣 Send to { $count } { $count ->
        [one] person
       *[other] people
    }
button-broadcast-rewrite = ✏️ Write it anew
button-admin-broadcast = 📣 Message to people

### Invitations

invite-list = 💌 <b>Invitations</b>
invite-none = 💌 There are no invitations yet.
invite-row = { $code } · { $used } of { $uses } used · { $limits }
invite-row-revoked = { $code } · taken back
invite-row-expired = { $code } · over
invite-limits = { $days }, { $traffic }
invite-limits-default = as usual
invite-ask-uses = 💌 For how many people?
invite-ask-days = 💌 How long shall their keys last?
invite-ask-traffic = 💌 How much traffic shall they have?
invite-made =
    💌 <b>The invitation is ready.</b> Send this link on:
    { $link }

    Or the code: { $code }
    For { $uses } { $uses ->
        [one] person
       *[other] people
    }: { $limits }
invite-revoked = 🗑 The invitation is taken back.
invite-revoked-before = It was gone already.

### Why a key is where it is

why-ask = 💡 Whose key? Send an id or @name.
why-choose = 💡 Which key?
why-placed = 💡 <b>Key { $number }</b> has been on { $name } since { $date }.
why-nowhere = 💡 <b>Key { $number }</b> is nowhere yet.
why-reason = <b>Why there</b>
why-now = <b>What would be chosen now</b>
why-reason-unknown = The reason was not kept.
why-reason-asked = It was asked for by name.
why-reason-evened-out = Moved there from { $from } to even out the load.
why-reason-stays = The key stayed where it was, only its link is new.
why-reason-forced = An admin insisted on it.
why-reason-least = It was the least loaded of those that could take the key:
why-step-beyond-spill = All panels were nearly full, so they were filled up to their limits.
why-step-off-turn = Only panels that work in part were left.
why-step-beyond-ramp = Only panels that had just come back were left.
why-step-suspect = Only panels in doubt were left.
why-candidate-chosen = ✅ <b>{ $name }</b>: { $taken } of { $cap }, load { $load }
why-candidate = ▫️ { $name }: { $taken } of { $cap }, load { $load }
why-candidate-out = ✖️ { $name }: { $taken } of { $cap }, { $reason }
why-refused = Left out then: { $reasons }
why-refused-row = { $reason } ({ $count })
why-out-full = full
why-out-unknown = no such panel
why-out-observed = only watched
why-out-closed = takes no new keys
why-out-tag = lacks a label
why-out-protocol = lacks the protocol
why-out-excluded = not for this key now
why-out-ramping = just back, filled slowly
why-out-degraded = works in part, takes every second key
why-out-suspect = in doubt
why-out-provider = same hosting company
why-out-health = not well now
why-out-region = another location
why-out-tier = its turn comes later
why-none = No panel could take it now: it would wait.

### The record

audit-title = 📜 <b>Who did what</b>
audit-none = 📜 Nothing yet.
audit-row = { $when } · { $who } · { $what } · { $subject }
audit-instance-added = added a panel
audit-instance-edited = changed a panel
audit-panel-open = let a panel take new keys
audit-panel-cordoned = closed a panel to new keys
audit-panel-maintenance = put a panel under maintenance
audit-instance-removed = removed a panel
audit-key-extended = gave a key more time or traffic
audit-key-suspended = paused a key
audit-key-resumed = let a key work again
audit-key-revoked = took a key away
audit-key-traffic = reset a key's traffic
audit-key-given = gave somebody a key
audit-key-moved = moved a key
audit-key-works = said that the key works
audit-key-fails = said that the key does not work
audit-access-granted = let somebody in
audit-access-denied = refused somebody
audit-invite-made = made an invitation
audit-invite-used = used an invitation
audit-invite-revoked = took an invitation back
audit-moves-started = began to move keys
audit-moves-changed = paused, resumed or stopped a move
audit-rebalance-started = began to even out the load
audit-rebalance-changed = paused, resumed or stopped evening out
audit-broadcast-started = wrote to many people
audit-broadcast-stopped = stopped a message to many people
audit-subject-broadcast = message no. { $id }
audit-drain-finished = let go of what lingered on a panel
audit-accounts-adopted = took over accounts of a panel
audit-key-claimed = claimed a key from before
audit-hold-released = let everything go on
audit-maintenance-planned = planned maintenance
audit-maintenance-cancelled = took planned maintenance back
audit-incident-acknowledged = takes care of an incident
audit-incident-muted = muted an incident
audit-incident-unmuted = unmuted an incident
audit-subject-incident = incident no. { $id }
audit-evacuation-started = moved everyone away
audit-evacuations-paused = paused moving away
audit-evacuations-resumed = let moving away go on
audit-evacuation-stopped = ended moving away early
audit-row-bare = { $when } · { $who } · { $what }
audit-subject-panel = panel { $id }
audit-subject-key = key no. { $id }
audit-subject-moves = move no. { $id }

### Alerts

alert-instance =
    🚨 <b>{ $name }</b>: { $problem }

    Keys on it stay where they are.
alert-no-room = 🪑 <b>No room left.</b> New keys are waiting. Raise the number of places on a panel, or add one: /nodes
alert-no-room-in = 🪑 <b>No room left in { $location }.</b> Keys are waiting. Raise the number of places on a panel there, or add one: /nodes

alert-since = since { $since }
alert-lasted = since { $since }, lasted { $span }
alert-affected = 👥 { $count } { $count ->
        [one] key is
       *[other] keys are
    } affected.
alert-moving =
    🚚 Everyone is being moved to other panels:
    { $bar } { $done } of { $total }
alert-done = 🚚 { $count } { $count ->
        [one] key was
       *[other] keys were
    } moved to other panels.
alert-paused = ⏸ Moving to other panels is paused.
alert-cancelled = 🚚 Moving has stopped: { $count } { $count ->
        [one] key stays
       *[other] keys stay
    } where they were.
alert-acknowledged = ✋ { $who } takes care of it (since { $clock }).
alert-muted = 🔕 { $who } has muted it until { $clock }.
alert-today = today

alert-title-suspected = 🟠 { $name }: perhaps in trouble
alert-title-control-down = 🟠 { $name }: the panel is silent, users are served
alert-title-unreachable = 🔴 { $name } cannot be reached
alert-title-down = ⛔ { $name } is down
alert-title-misconfigured = 🔧 { $name } does not let us in
alert-title-perhaps-blocked = 🚧 { $name }: perhaps blocked
alert-title-blocked = 🚧 { $name } is blocked for some people
alert-title-recovering = 🔵 { $name } answers again
alert-title-recovered = ✅ { $name } works again
alert-title-unwatched = ⚪ { $name } is not watched any more
alert-title-panic = 🛑 { $bad } of { $total } panels failed at once: nobody is moved
alert-title-own-path = 🛑 Our own network seems to be in trouble: nobody is moved
alert-title-panic-left = ✅ The emergency brake is off
alert-title-certificate = 📜 { $name }: the certificate ends in { $span }
alert-title-certificate-ended = 📜 { $name }: the certificate has ended
alert-title-certificate-renewed = ✅ { $name } has a new certificate
alert-title-node = 🔴 { $name }: the exit { $node } does not serve
alert-title-node-back = ✅ { $name }: the exit { $node } serves again
alert-title-endpoint = 🔴 The address { $address } in users' links does not answer
alert-title-endpoint-back = ✅ The address { $address } answers again
alert-title-capacity = 🪑 No room left
alert-title-capacity-in = 🪑 { $location }: no room left
alert-title-capacity-back = ✅ There is room again
alert-title-foreign-mark = 👯 { $name } is managed twice
alert-title-missing = 🕳 { $name }: accounts are missing
alert-title-strays = 🧹 { $name }: accounts that nobody needs
alert-title-accounts-changed = ✏️ { $name }: somebody changed our accounts
alert-title-reconciled = ✅ { $name }: all accounts are as they should be
alert-title-uneven = ⚖️ The load is uneven
alert-title-evening-out = ⚖️ The load is being evened out
alert-title-evened-out = ✅ The load is even
alert-title-links = 🔗 { $name }: the address of links is perhaps blocked
alert-title-system = 🛠 { $name }: a part of the bot fails
alert-title-hold = ⛔ Everything is on hold: the database went back in time
alert-title-over = ✅ { $name }: over

alert-meaning-control-down = The panel's API does not answer, but its users are served as far as we can see. Keys on it stay, and new ones go elsewhere.
alert-meaning-unreachable = Neither the panel nor its users' addresses answer, but it is not certain that the trouble is there. Keys on it stay, and new ones go elsewhere. It is checked again every few seconds.
alert-meaning-down-refused = The server refuses connections to the panel and to its users' addresses. This was checked several times.
alert-meaning-down-silent = Neither the panel nor its users' addresses have answered for a while, and our own network is fine.
alert-meaning-misconfigured =
    { $problem }
    Keys on it stay and work on, but we cannot make or change any there.
alert-meaning-perhaps-blocked = { $count } { $count ->
        [one] person says
       *[other] people say
    } that it does not work, many more than usual. From here it looks well. Nobody is moved.
alert-meaning-traffic-fell = Only { $share } of the traffic of the same hour a week ago went through it. From here it looks well. Nobody is moved.
alert-meaning-blocked = It works, but some people cannot reach it. New keys go elsewhere. Keys on it stay until you move them.
alert-meaning-recovering = It is watched for a while before it takes new keys. Nobody is moved back.
alert-meaning-panic = When so many fail at the same time, it may be our own network or an attack. So the emergency brake is on: moving away from dead panels has stopped. Links and everything else go on.
alert-meaning-own-path = The sites that we check ourselves by do not answer either. So no panel is called dead, and nobody is moved, until they do.
alert-meaning-certificate = When it has ended, apps and the bot refuse to connect.
alert-meaning-node = The panel says: { $message }. Links that lead through this exit are left out meanwhile.
alert-meaning-endpoint = Links of { $panels } lead there, and those panels themselves live. Nobody is moved.
alert-meaning-capacity = { $count } { $count ->
        [one] key waits
       *[other] keys wait
    } for a free place. They are served in order as soon as there is room.
alert-meaning-foreign-mark = { $count } { $count ->
        [one] account there looks
       *[other] accounts there look
    } like ours but { $count ->
        [one] bears
       *[other] bear
    } the mark of another installation or panel. We do not touch { $count ->
        [one] it
       *[other] them
    }.
alert-meaning-missing = { $count } of our accounts are gone from the panel at once. Was it emptied, or restored from a backup? We make none anew unasked.
alert-meaning-strays = { $count } of our accounts there belong to no key. That is too many to delete them unasked.
alert-meaning-accounts-changed = { $count } { $count ->
        [one] account was
       *[other] accounts were
    } given more time or traffic on the panel itself. We leave that as it is.
alert-meaning-evening-out = Keys that nobody uses at the moment move a few an hour, within their location. Owners are told when their link changes; the old one works on for a while.
alert-meaning-uneven = The fullest and the emptiest panel differ by { $spread }. { $count } { $count ->
        [one] move
       *[other] moves
    } would even that out. Owners are told when their link changes; the old one works on for a while.
alert-meaning-links = In the last hour { $count } apps fetched their key by it; { $usual } are usual. Keys go on working, but a move does not reach those who cannot fetch.
alert-meaning-hold = The database knows less than it did: an older copy was put back, or a standby took over that had not heard everything. What it says of keys and panels may be out of date, so no panel is written to and no message is sent. Keys go on working.
alert-meaning-system = What fails: { $problem }. It is tried again by itself.

alert-asks-nothing = 👉 Nothing is asked of you.
alert-asks-down = 👉 Nothing is urgent for you. When you can, see why the server is down.
alert-asks-room = 👉 { $count } { $count ->
        [one] key finds
       *[other] keys find
    } no place. Add a panel or raise the number of places on one: /nodes
alert-asks-evacuate = 👉 <b>Please decide:</b> shall everyone be moved to other panels? Tap the button below if so.
alert-asks-resume = 👉 Let moving go on when you are ready: the button is below.
alert-asks-control-down = 👉 See whether the panel's own service runs on that server. Nobody is cut off.
alert-asks-unreachable = 👉 If you know that the server is dead, move everyone away with the button below.
alert-asks-misconfigured = 👉 Check address, login and certificate of the panel: /nodes
alert-asks-blocked = 👉 If you know that it is blocked, move everyone away with the button below.
alert-asks-panic = 👉 Are those panels really dead? Then take the brake off with the button below. If not, wait: it goes off by itself.
alert-asks-own-path = 👉 See whether this server's own network works. The brake goes off by itself.
alert-asks-certificate = 👉 Renew the certificate on that server.
alert-asks-node = 👉 See why the exit fails: its server, or the panel's page of nodes.
alert-asks-endpoint = 👉 See to the relay, the firewall or the inbound behind this address. If it is gone for good, move everyone away: /nodes
alert-asks-capacity = 👉 Add a panel or raise the number of places on one: /nodes
alert-asks-foreign-mark = 👉 See whether another bot, or a copy of this one, uses the same panel. Two of them would fight.
alert-asks-missing = 👉 <b>Please decide:</b> were they lost, is it another panel, or was it restored? See /reconcile
alert-asks-reconcile = 👉 See what would be done, and say yes or no: /reconcile
alert-asks-uneven = 👉 Have a look and say yes or no: /rebalance
alert-asks-links = 👉 Try the address from inside the country. If it is blocked, give new links the next one: apps that still fetch learn it by themselves, the owners of all others get one message.
alert-asks-hold = 👉 Find out what happened to the database. If it is the right one, confirm that work may go on.
alert-asks-system = 👉 If it lasts, look into the log.

alert-line = <code>{ $clock }</code> { $words }
alert-line-more = … { $count } more
alert-line-suspected = a check failed
alert-line-control-down = panel silent, users served
alert-line-unreachable = nothing answers
alert-line-down-refused = down: connections refused
alert-line-down-silent = down: no answer at all
alert-line-misconfigured = does not let us in
alert-line-perhaps-blocked = { $count } { $count ->
        [one] person says
       *[other] people say
    } it does not work
alert-line-traffic-fell = traffic fell to { $share } of last week's
alert-line-blocked = blocked for some people
alert-line-blocked-from = not reached from { $vantages } for five minutes, while it answers here: { $how }
alert-vantage-silent = no answer there
alert-vantage-refused = connections are refused there
alert-vantage-stalled = connections begin there, and are cut off
alert-vantage-origin-dead = what stands in front says there that it is dead
alert-line-recovering = answers again, is being watched
alert-line-recovered = works again, after { $span }
alert-line-unwatched = not watched any more
alert-line-planned = { $count } { $count ->
        [one] key
       *[other] keys
    } to be moved
alert-line-planned-to = { $line }: { $targets }
alert-line-target = { $name } { $count }
alert-line-target-more = and { $count } more panels
alert-line-stranded = { $line }; no place for { $count }
alert-line-progress = { $done } of { $total } moved
alert-line-done = { $count } moved, nobody is left
alert-line-done-but = { $count } moved, { $left } stayed
alert-line-paused = moving stopped by the brake
alert-line-paused-by = moving paused by { $who }
alert-line-resumed = moving goes on
alert-line-resumed-by = moving goes on, says { $who }
alert-line-cancelled = moving ended early, { $count } stay
alert-line-ask = asked whether to move everyone
alert-line-cordoned = no new keys, says { $who }
alert-line-opened = new keys again, says { $who }
alert-line-panic = { $bad } of { $total } panels bad: brake on
alert-line-own-path = own network in doubt: brake on
alert-line-panic-left = brake off
alert-line-panic-left-by = brake taken off by { $who }
alert-line-certificate = certificate ends: { $span }
alert-line-certificate-ended = certificate has ended
alert-line-certificate-renewed = new certificate
alert-line-node = exit { $node } fails
alert-line-node-back = exit { $node } serves again
alert-line-endpoint = the address does not answer
alert-line-endpoint-back = the address answers again
alert-line-capacity = { $count } waiting
alert-line-capacity-back = nobody waits any more
alert-line-foreign-mark = accounts with another mark: { $count }
alert-line-missing = accounts missing: { $count }
alert-line-strays = accounts without a key: { $count }
alert-line-accounts-changed = accounts changed on the panel: { $count }
alert-line-reconciled = all as it should be
alert-line-uneven = differs by { $spread }
alert-line-evening-out = moved: { $done } of { $total }
alert-line-evened-out = even: { $count } moved, differs by { $spread }
alert-line-links = { $count } fetches of usually { $usual }
alert-line-links-moved = { $who } gave new links the address { $name }
alert-line-hold = the database went back in time, everything is on hold
alert-line-system = fails: { $problem }
alert-line-over = over

alert-evacuate-confirm = 🚚 Move everyone away from <b>{ $name }</b>? { $count } { $count ->
        [one] key goes
       *[other] keys go
    } to other panels, and it takes no new ones.
alert-address-none = There is no other address: add one to PUBLIC_URLS.
alert-evacuate-empty = Nobody is there to be moved.
alert-acknowledged-before = Somebody takes care of it already.
alert-nothing-changed = It is so already.
alert-over = This is over.
alert-chat-lost = 📪 <b>The group for alerts cannot be written to.</b> Was the bot removed, or the topic deleted? Alerts come to each admin directly until it can. Put the bot back, or change ALERT_CHAT_ID.
alerts-title = 🚨 <b>Alerts</b>
alerts-none = 🟢 No alerts so far. All is quiet.
alerts-quiet = 🟢 All is quiet right now.
alerts-open = 🔴 Going on: { $count }
alerts-closed = <b>Over</b>

### The daily summary

summary-quiet = 🌿 <b>{ $date }</b>: all quiet. { $keys } { $keys ->
        [one] key
       *[other] keys
    }, { $panels } { $panels ->
        [one] panel
       *[other] panels
    }.
summary-title = 📋 <b>The last day, { $date }</b>
summary-keys = 🔑 Keys: { $keys }, new: { $new }, ended: { $ended }
summary-moves = 🚚 Moves: { $count }
summary-waiting = 🪑 Waiting for room: { $count }
summary-uptime = 📈 Panels answered { $share } of all checks.
summary-incidents = 🚨 Incidents: { $count }
summary-trouble = ⚠️ In trouble now:

### Keys: what their owners are told once

warn-ends-soon = ⏳ <b>Your key ends in { $span }</b>, on { $date }.
warn-ended = ⌛ <b>Your key's time is over.</b>
warn-traffic = 📊 <b>{ $percent } of your traffic is used.</b> { $left } are left.
warn-exhausted = 📭 <b>Your traffic is used up.</b>
warn-which = 🔑 Key { $number }
warn-ask-soon = Ask for more time before that, and it goes on without a break. Nothing has to be set up anew.
warn-ask-over = Ask for more time: the same key will work again, with nothing to set up anew.
warn-ask-traffic = When it is used up, the key pauses. Ask for more if you need it.
warn-ask-exhausted = Ask for more traffic: the same key will work again, with nothing to set up anew.

### Locations: the countries servers stand in

# A country without a name here is shown by its code.
region-ae = UAE
region-al = Albania
region-am = Armenia
region-ar = Argentina
region-at = Austria
region-au = Australia
region-az = Azerbaijan
region-ba = Bosnia and Herzegovina
region-be = Belgium
region-bg = Bulgaria
region-bh = Bahrain
region-br = Brazil
region-by = Belarus
region-ca = Canada
region-ch = Switzerland
region-cl = Chile
region-cn = China
region-co = Colombia
region-cy = Cyprus
region-cz = Czechia
region-de = Germany
region-dk = Denmark
region-ee = Estonia
region-eg = Egypt
region-es = Spain
region-fi = Finland
region-fr = France
region-gb = United Kingdom
region-ge = Georgia
region-gr = Greece
region-hk = Hong Kong
region-hr = Croatia
region-hu = Hungary
region-id = Indonesia
region-ie = Ireland
region-il = Israel
region-in = India
region-iq = Iraq
region-ir = Iran
region-is = Iceland
region-it = Italy
region-jp = Japan
region-ke = Kenya
region-kg = Kyrgyzstan
region-kr = South Korea
region-kw = Kuwait
region-kz = Kazakhstan
region-lt = Lithuania
region-lu = Luxembourg
region-lv = Latvia
region-md = Moldova
region-me = Montenegro
region-mk = North Macedonia
region-mt = Malta
region-mx = Mexico
region-my = Malaysia
region-ng = Nigeria
region-nl = Netherlands
region-no = Norway
region-nz = New Zealand
region-om = Oman
region-ph = Philippines
region-pk = Pakistan
region-pl = Poland
region-pt = Portugal
region-qa = Qatar
region-ro = Romania
region-rs = Serbia
region-ru = Russia
region-sa = Saudi Arabia
region-se = Sweden
region-sg = Singapore
region-si = Slovenia
region-sk = Slovakia
region-th = Thailand
region-tr = Türkiye
region-tw = Taiwan
region-ua = Ukraine
region-us = USA
region-uz = Uzbekistan
region-vn = Vietnam
region-za = South Africa

### The page behind a link

page-title = Your key
page-language = Language
page-state-works = Your key works
page-state-trouble = Your server has trouble
page-state-waits = Your key is being made
page-state-suspended = Your key is paused
page-state-expired = Your key's time is over
page-state-exhausted = Your key's traffic is used up
page-state-revoked = This key works no more
page-do-trouble = We are on it. Your app takes over the change by itself; if it doesn't, update the subscription in the app.
page-do-waits = It will be ready soon. Open this page again in a few minutes.
page-do-revoked = If you need one, ask for a new key.
page-traffic = Traffic
page-left = { $amount } left
page-unlimited = No limit
page-used-of = { $used } of { $limit } used
page-used = { $used } used
page-term = Time
page-time-over = Over
page-time-never = No end date
page-until = until { $date }
page-ended = ended on { $date }
page-location = Location
page-connect = Set up this device
page-advice = Recommended
page-get = Get { $app }
page-get-elsewhere = Get it elsewhere
page-add = Add my key to the app
page-by-hand = Nothing happens? Step by step
page-steps = Step by step
page-by-hand-hint = Open this page in your usual browser and tap the button again, or do it by hand:
page-other-apps = Other apps for this device
page-other-devices = Other devices
page-link = Your link
page-link-hint = For any app that takes a subscription link. It stays the same, wherever your key moves.
page-copy = Copy
page-copied = Copied
page-qr = QR code for another device
page-qr-hint = Scan it with the app on the other device.
page-qr-picture = QR code with your link
page-secret = Keep this page to yourself: whoever has its address can use your key.
page-support = Write to support
page-bot = Open the bot { $bot }
page-reset = Somebody else may have it? Open the bot and tap { $key } › { $more } › { $reset }: the old link ends at once, and your devices are set up with the new one.
