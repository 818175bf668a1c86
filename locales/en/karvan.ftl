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
common-unlimited = unlimited
common-list-separator = { ", " }
common-yes = yes
common-no = no

### Commands as Telegram lists them

command-start = Menu
command-key = My key
command-help = Help
command-language = Language
command-nodes = Panels: list and settings
command-addnode = Add a panel
command-health = How the fleet is doing
command-user = Find a person and their keys
command-migrate = Move keys to another panel
command-invite = Invitations
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
user-late = Sorry for the wait: Telegram was hard to reach. I am back 👇

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

### Keys: what is told unasked

notice-moved-asked =
    ✅ <b>Your key is in its new location.</b>
    🌍 { $location }
notice-moved =
    🚚 We have moved your key to a better server.
    🌍 { $location }
notice-moved-same-link = Your link is the same. Update the key in your app.
notice-moved-new-link = Your link is new: copy it into your app. The old one still works for a while.
notice-extended = 🎁 Your key has got more time or traffic.
notice-suspended = ⏸ The admin has paused your key.
notice-resumed = ▶️ Your key works again.
notice-revoked = 🚫 The admin has taken this key away. It works no more.
notice-traffic-reset = 🎁 Your traffic counts from zero again.
notice-wish-failed = 😔 That could not be done. Your key stays as it was.
notice-wish-failed-reason = Reason: { $reason }

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
help-advice = 💡 <b>What to do</b>
help-advice-renew = Ask for more time or traffic. The same key will work again.
help-advice-refresh = Tap <b>🔄 Refresh</b>, then update the key in your app and connect again.
help-advice-location = Try another location. Some are blocked for some networks.
help-advice-reset = Reset the link, and set up your device again.
help-advice-app = Update your app to the newest version.
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
error-key-location = { $location } is not offered any more. Please choose another location.
error-key-instance = The panel { $instance } takes no keys now. Choose another one.
error-key-nothing-left = No traffic is left on this key, so it cannot move. Ask for more traffic first.
error-key-busy = ⏳ Something is being done to this key right now. Please wait for it to end.
error-key-silent = 🌧 The server does not answer right now. Your key is safe: please try again in a few minutes.

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
