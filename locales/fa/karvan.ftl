### Common: sizes, spans, dates

unit-kb = { $amount } کیلوبایت
unit-mb = { $amount } مگابایت
unit-gb = { $amount } گیگابایت
unit-tb = { $amount } ترابایت
unit-percent = { $amount }٪
unit-milliseconds = { $count } میلی‌ثانیه
span-seconds = { $count } ثانیه
span-minutes = { $count } دقیقه
span-hours = { $count } ساعت
span-days = { $count } روز
ago-now = همین حالا
ago-minutes = { $count } دقیقه پیش
ago-hours = { $count } ساعت پیش
ago-days = { $count } روز پیش
# $month is the month's number in the reader's own calendar.
date-month =
    { $month ->
        [1] فروردین
        [2] اردیبهشت
        [3] خرداد
        [4] تیر
        [5] مرداد
        [6] شهریور
        [7] مهر
        [8] آبان
        [9] آذر
        [10] دی
        [11] بهمن
       *[12] اسفند
    }
date-day = { $day } { $month } { $year }
date-time = { $date }، ساعت { $clock }
common-list-separator = { "، " }

### Commands as Telegram lists them

command-start = منو
command-key = کلید من
command-help = راهنما
command-language = زبان
command-nodes = پنل‌ها: فهرست و تنظیمات
command-addnode = افزودن پنل
command-health = وضعیت پنل‌ها
command-alerts = هشدارها: آنچه هست و آنچه بود
command-user = پیدا کردن یک نفر و کلیدهایش
command-migrate = انتقال کلیدها به پنل دیگر
command-drain = خالی‌کردن یک پنل
command-simulate = اگر پنلی از دست برود
command-maintenance = نگهداری برنامه‌ریزی‌شده
command-rebalance = یکسان کردن بار
command-reconcile = مقایسهٔ پنل‌ها با پایگاه داده
command-adopt = حساب‌های موجود روی پنل
command-restore = پس از بازگردانی: ادامهٔ کار
command-broadcast = پیام همگانی
command-invite = دعوت‌نامه‌ها
command-stats = کاربران، کلیدها، ترافیک: نمودار
command-why = چرا کلید آنجاست
command-audit = چه کسی چه کرد

### Devices and guides

device-android = 🤖 اندروید
device-ios = 🍏 آیفون و آیپد
device-windows = 🪟 ویندوز
device-macos = 💻 مک
device-linux = 🐧 لینوکس
guide-device-choose = 📱 کدام دستگاه را راه‌اندازی کنیم؟
guide-app =
    <b>{ $device }: { $app }</b>

    { $steps }
guide-step = { $number }. { $step }
guide-key-tap =
    کلید شما (برای کپی، روی آن بزنید):
    { $link }
guide-apps-choose = { $device }: کدام برنامه؟ پیشنهاد ما اولی است.
guide-store-missing = در فروشگاه کشور شما نیست؟ از دکمه‌های پایین برنامهٔ دیگری انتخاب کنید.

### Buttons

button-get-key = ⚡ گرفتن کلید
button-my-key = 🔑 کلید من
button-my-keys = 🔑 کلیدهای من
button-key = 🔑 کلید { $number }
button-one-more-key = ➕ یک کلید دیگر
button-setup = 📱 راه‌اندازی دستگاه
button-location = 🌍 مکان
button-location-automatic = ✨ بهترین، خودکار
button-refresh = 🔄 تازه‌سازی
button-more = ⋯ بیشتر
button-copy-link = 📋 کپی لینک
button-broken = 🛟 کار نمی‌کند
button-reset = 🔐 بازنشانی لینک
button-reset-yes = 🔐 بله، بازنشانی کن
button-links = 📄 کلیدهای بدون لینک
button-qr = 🔳 کد QR
button-language = 🌐 زبان (Language)
button-help = ❓ راهنما
button-copy-key = 📋 کپی کلید
button-download = ⬇️ دانلود { $app }
button-download-other = ⬇️ دانلود از جای دیگر
button-other-apps = 🧩 برنامه‌های دیگر
button-other-device = 📱 دستگاه دیگر
button-works = 👍 کار می‌کند
button-works-not = 👎 کار نمی‌کند
button-ask-access = 🙋 درخواست دسترسی
button-contact = 💬 پیام به پشتیبانی
button-try-again = 🔁 دوباره امتحان کن
button-back = ‹ بازگشت
button-menu = 🏠 منو
button-close = ✖️ بستن
button-cancel = ✖️ انصراف
button-skip = ⏭ رد شدن
button-done = ✅ تمام

### Users: greeting, menu, small answers

user-hello =
    👋 سلام { $name }!

    تا کلید اینترنت آزاد فقط یک لمس فاصله دارید.
user-hello-back = 👋 خوش برگشتید { $name }!
user-hello-ask =
    👋 سلام { $name }!

    اینجا کلید را به آشناهای مدیر می‌دهیم. دکمه را بزنید تا درخواست شما به مدیر برسد.
user-language-choose = 🌐 زبان خود را انتخاب کنید
user-language-changed = ✅ از حالا فارسی صحبت می‌کنم.
user-id = شناسهٔ تلگرام شما: { $id }
user-setup-no-admins =
    🛠 این ربات هنوز مدیر ندارد. اگر مال شماست، این خط را در فایل { "\u2066" }<code>.env</code>{ "\u2069" } آن بگذارید و دوباره اجرایش کنید:

    { $line }
user-working = ⏳ یک لحظه…
user-working-key =
    ⏳ داریم کلیدتان را می‌سازیم. چند ثانیه طول می‌کشد.

    می‌توانید این صفحه را ببندید؛ کلید خودش همین‌جا می‌رسد.
user-working-move = ⏳ داریم کلیدتان را به مکان تازه می‌بریم. تا آن موقع مکان قبلی کار می‌کند.
user-working-reset = ⏳ داریم لینک تازه می‌سازیم…
user-working-check = 🔎 داریم کلیدتان را بررسی می‌کنیم…
user-text-unknown = من زبان دکمه‌ها را بهتر می‌فهمم. این هم منو 👇
user-text-long = این پیام برای من خیلی بلند است. این هم منو 👇
user-command-unknown = این دستور را نمی‌شناسم. این کارها از من برمی‌آید 👇
user-media-unknown = قشنگ است! ولی من فقط دکمه‌ها را می‌فهمم. این هم منو 👇
user-menu-old = این منو قدیمی شده. این هم منوی تازه 👇
user-menu-old-toast = این منو قدیمی شده
user-button-foreign = این دکمه برای شما نیست
user-slow-down = خیلی تند شد! چند ثانیه فرصت بدهید.
user-private-only = این فقط در گفت‌وگوی خصوصی با من کار می‌کند.
user-failed = 😔 مشکلی از طرف ما پیش آمد. چیزی از دست نرفته؛ یک دقیقهٔ دیگر دوباره امتحان کنید.

### Access: who may have a key

access-asked = ✅ درخواست شما به دست مدیر رسید. پاسخ را همین‌جا می‌دهم.
access-asked-before = ⏳ درخواست شما پیش مدیر است و هنوز جواب نداده. پاسخ را همین‌جا می‌دهم.
access-granted = 🎉 دسترسی شما باز شد! تا کلید فقط یک لمس مانده.
access-denied = این بار مدیر موافقت نکرد. اگر فکر می‌کنید اشتباهی شده، به او پیام بدهید.
access-closed = 👋 سلام! فعلاً عضو تازه نمی‌گیریم. بعداً سر بزنید.
access-invite-needed = 👋 سلام! برای ورود دعوت‌نامه لازم است. لینک دعوت را باز کنید یا کد آن را برایم بفرستید.
access-invite-welcome = 🎉 خوش آمدید! تا کلید فقط یک لمس مانده.
access-invite-already = شما از قبل دسترسی دارید؛ دعوت‌نامه مصرف نشد، آن را به یک دوست بدهید.
access-invite-unknown = این دعوت‌نامه را نمی‌شناسم. کد را دوباره نگاه کنید یا دعوت‌نامهٔ تازه بگیرید.
access-invite-used-up = این دعوت‌نامه قبلاً استفاده شده. یکی تازه بگیرید.
access-invite-expired = مهلت این دعوت‌نامه تمام شده. یکی تازه بگیرید.

### Keys: the card

key-title = 🔑 <b>کلید شما</b>
key-title-number = 🔑 <b>کلید { $number }</b>
key-state-live = 🟢 کار می‌کند
key-state-trouble = 🟠 سرور شما مشکل دارد؛ پیگیریم
key-state-suspended = ⏸ متوقف‌شده
key-state-expired = ⌛ مهلتش تمام شده
key-state-exhausted = 📭 حجمش تمام شده
key-state-revoked = 🚫 پس گرفته‌شده
key-busy-issue = ⏳ در حال ساخت
key-busy-move = ⏳ در حال رفتن به مکان دیگر؛ تا آن موقع کار می‌کند
key-busy-rotate = ⏳ در حال گرفتن لینک تازه
key-busy-sync = ⏳ در حال به‌روزرسانی
key-busy-revoke = ⏳ در حال پس گرفتن
key-busy-room = 🪑 منتظر جای خالی
key-location = 🌍 مکان: { $location }
key-traffic =
    📊 { $bar } { $percent }
    { $used } از { $limit } مصرف شده
key-traffic-unlimited = 📊 حجم: { $used } مصرف شده، نامحدود
key-until = 📅 تا { $date } ({ $left } مانده)
key-until-over = 📅 در { $date } تمام شد
key-until-never = 📅 بدون تاریخ پایان
key-updated = 🕓 به‌روزشده: { $ago }
key-wanted-automatic = { $location } (انتخاب خودکار)
key-ended-suspended = مدیر این کلید را متوقف کرده. اگر دلیلش را نمی‌دانید به او پیام بدهید.
key-ended-expired = تمدید بخواهید؛ همین کلید دوباره کار می‌کند و لازم نیست چیزی را از نو تنظیم کنید.
key-ended-exhausted = حجم بیشتر بخواهید؛ همین کلید دوباره کار می‌کند و لازم نیست چیزی را از نو تنظیم کنید.
key-ended-revoked = این کلید دیگر کار نمی‌کند.
key-list = 🔑 <b>کلیدهای شما</b>
key-list-row = <b>کلید { $number }</b> · { $location } · { $state }
key-none = هنوز کلیدی ندارید.
key-location-none = هنوز معلوم نیست

### Keys: from the first tap to a working one

key-ready =
    🎉 <b>کلید شما آماده است!</b>
    🌍 { $location }

    برای کدام دستگاه است؟
key-waits =
    🪑 <b>الان همهٔ جاها پر است.</b>

    شما در صف هستید. همین که جایی خالی شود، کلید خودش همین‌جا می‌رسد.
key-waits-move =
    🪑 <b>آنجا الان جای خالی نیست.</b>

    کلیدتان همان‌جا که هست کار می‌کند و به‌محض خالی‌شدن جا منتقل می‌شود.
key-waits-elsewhere = نمی‌خواهید صبر کنید؟ اینجاها جا هست:
key-works-question = 👋 چه خبر، کلیدتان کار می‌کند؟
key-works-yes = 🎉 عالی شد! اگر چیزی عوض شد، من همین‌جا هستم.
key-location-choose =
    🌍 <b>کلیدتان به کجا وصل شود؟</b>

    لینک شما همان می‌ماند.
key-location-choose-relink =
    🌍 <b>کلیدتان به کجا وصل شود؟</b>

    برای مکان تازه یک لینک جدید می‌گیرید.
key-location-choose-first = 🌍 <b>کلیدتان به کجا وصل شود؟</b>
key-location-here = ✅ { $location }
key-location-full = { $location } · پر
key-refresh-fine = ✅ کلیدتان مشکلی ندارد.
key-refresh-repaired = 🔧 یک چیز درست نبود و درستش کردیم. کلید را در برنامه‌تان به‌روز کنید.
key-refresh-silent = 🌧 سرور الان جواب نمی‌دهد. حواسمان به آن هست و همین که برگردد کلیدتان درست می‌شود.
key-refresh-better = 💡 الان مکان دیگری برایتان بهتر است.
key-more =
    ⋯ <b>بیشتر</b>

    <b>بازنشانی لینک</b>: اگر لینک شما دست کس دیگری افتاده. همهٔ دستگاه‌ها باید از نو تنظیم شوند.
    <b>کلیدهای بدون لینک</b>: برای برنامه‌هایی که لینک نمی‌گیرند.
    <b>کد QR</b>: برای نشان دادن کلید به دستگاه دیگر.
key-reset-confirm =
    🔐 <b>لینک تازه بسازیم؟</b>

    لینک قبلی همان لحظه روی همهٔ دستگاه‌ها از کار می‌افتد. هر دستگاه را باید با لینک تازه تنظیم کنید.
key-reset-done =
    🔐 <b>لینک تازهٔ شما آماده است.</b>

    لینک قبلی دیگر کار نمی‌کند. هر دستگاه را با لینک تازه تنظیم کنید.
key-links =
    📄 <b>کلیدهای بدون لینک</b>

    برای کپی روی هر کدام بزنید. این‌ها خودبه‌خود به‌روز نمی‌شوند؛ اگر یکی از کار افتاد، برای کلید تازه برگردید.
key-links-more = … و { $count } تای دیگر
key-qr = 🔳 این را با برنامهٔ دستگاه دیگرتان اسکن کنید. به کسی نشان ندهید؛ هر که اسکن کند می‌تواند از کلید شما استفاده کند.
key-link-none = کلیدتان هنوز لینک ندارد. همین که آماده شود لینک هم می‌آید.

### Links: what an app shows besides keys

link-contact = پیام بدهید به: { $contact }
link-preparing = چند دقیقهٔ دیگر این فهرست را به‌روز کنید.
link-trouble = سرور شما مشکل دارد و پیگیریم. چند دقیقهٔ دیگر این فهرست را به‌روز کنید.

### Keys: what is told unasked

notice-moved-asked =
    ✅ <b>کلیدتان به مکان تازه رسید.</b>
    🌍 { $location }
notice-moved =
    🚚 کلیدتان را به سرور بهتری بردیم.
    🌍 { $location }
notice-moved-same-link = لینک شما همان است. کلید را در برنامه‌تان به‌روز کنید.
notice-moved-new-link = لینک شما عوض شده؛ لینک تازه را در برنامه بگذارید. لینک قبلی تا مدتی کار می‌کند.
notice-moved-new-link-only = لینک شما عوض شده؛ لینک تازه را در برنامه بگذارید.
notice-server-failed = 🚚 سرور شما از کار افتاد و حالا سرور دیگری کلیدتان را سرویس می‌دهد. لینکتان همان است.
notice-update-app = برنامهٔ شما هنوز متوجه نشده. بازش کنید، اشتراک را به‌روز کنید (معمولاً ⟳ یا «به‌روزرسانی») و دوباره وصل شوید.
notice-update-app-named = { $app } هنوز متوجه نشده. برنامه را باز کنید، اشتراک را به‌روز کنید (معمولاً ⟳ یا «به‌روزرسانی») و دوباره وصل شوید.
notice-new-address =
    🔗 <b>لینک شما نشانی تازه‌ای دارد.</b>

    شاید نشانی قبلی جایی که هستید بسته باشد. کلیدتان همان است؛ لینک تازه را در برنامه بگذارید.
notice-extended = 🎁 به کلید شما زمان یا حجم اضافه شد.
notice-suspended = ⏸ مدیر کلید شما را متوقف کرد.
notice-resumed = ▶️ کلید شما دوباره کار می‌کند.
notice-revoked = 🚫 مدیر این کلید را پس گرفت. دیگر کار نمی‌کند.
notice-traffic-reset = 🎁 حجم مصرفی شما دوباره از صفر حساب می‌شود.
notice-wish-failed = 😔 این کار انجام نشد. کلیدتان همان‌طور که بود مانده.

### Help

help-user =
    ❓ <b>چطور کار می‌کند</b>

    1. دکمهٔ <b>⚡ گرفتن کلید</b> را بزنید.
    2. دستگاهتان را انتخاب و برنامه را نصب کنید.
    3. کلید را در برنامه بگذارید و وصل شوید.

    اگر از کار افتاد، { "\u2066" }/key{ "\u2069" } را باز کنید و <b>🛟 کار نمی‌کند</b> را بزنید؛ همه‌چیز را بررسی می‌کنم و می‌گویم چه کنید.
help-contact = پاسخ‌گویی: { $contact }
help-check = 🔎 <b>کلیدتان را بررسی کردم</b>
help-account-right = ✅ کلید روی سرور درست تنظیم شده
help-account-wrong = 🔧 کلید روی سرور درست نبود
help-account-unknown = ❔ سرور دربارهٔ کلیدتان چیزی نمی‌گوید
help-time-left = ✅ زمان باقی‌مانده: { $left }
help-time-unlimited = ✅ بدون تاریخ پایان
help-time-over = ❌ مهلتش در { $date } تمام شد
help-traffic-left = ✅ حجم باقی‌مانده: { $left }
help-traffic-unlimited = ✅ حجم: نامحدود
help-traffic-over = ❌ حجم تمام شده
help-suspended = ⏸ مدیر این کلید را متوقف کرده
help-server-well = ✅ سرور سالم است
help-server-trouble = ⚠️ سرور الان مشکل دارد
help-online-at = 🕓 آخرین استفاده: { $ago }
help-online-never = 🕓 هنوز استفاده نشده
help-fetched-at = 🔁 برنامهٔ شما ({ $app }) کلید را { $ago } گرفته
help-fetched-before = ⚠️ برنامهٔ شما ({ $app }) کلید را { $ago } گرفته، پیش از رفتن به سرور دیگر
help-fetched-never = ⚠️ هنوز هیچ برنامه‌ای کلید را نگرفته
help-advice = 💡 <b>چه کنیم</b>
help-advice-renew = زمان یا حجم بیشتر بخواهید. همین کلید دوباره کار می‌کند.
help-advice-refresh = <b>🔄 تازه‌سازی</b> را بزنید، بعد کلید را در برنامه به‌روز کنید و دوباره وصل شوید.
help-advice-update = کلید را در برنامه به‌روز کنید: برنامه را باز کنید، اشتراک را به‌روز کنید (معمولاً ⟳ یا «به‌روزرسانی») و دوباره وصل شوید.
help-advice-location = مکان دیگری را امتحان کنید. بعضی مکان‌ها در بعضی شبکه‌ها بسته‌اند.
help-advice-reset = لینک را بازنشانی و دستگاه را از نو تنظیم کنید.
help-advice-contact = اگر هیچ‌کدام کمک نکرد، به ما پیام بدهید: { $contact }
help-advice-contact-admin = اگر هیچ‌کدام کمک نکرد، به کسی که این ربات را به شما معرفی کرده پیام بدهید.

### Errors about keys

error-key-access = هنوز دسترسی ندارید. برای درخواست، { "\u2066" }/start{ "\u2069" } را باز کنید.
error-key-too-many = شما از قبل { $limit } کلید دارید و هر نفر اینجا بیشتر از این نمی‌گیرد.
error-key-not-found = این کلید دیگر نیست. برای دیدن کلیدهایتان { "\u2066" }/key{ "\u2069" } را باز کنید.
error-key-ended-suspended = این کلید متوقف است و فقط مدیر می‌تواند دوباره روشنش کند.
error-key-ended-expired = مهلت این کلید تمام شده. اول تمدید بخواهید.
error-key-ended-exhausted = حجم این کلید تمام شده. اول حجم بیشتر بخواهید.
error-key-ended-revoked = این کلید برای همیشه پس گرفته شده.
error-key-live = این کلید همین حالا کار می‌کند.
error-key-unchanged = همین‌طور است؛ چیزی برای تغییر نیست.
error-key-there = کلید همین حالا آنجاست؛ جابه‌جایی لازم نیست.
error-key-same-server = ✅ { $location }: سرور شما به آنجا هم راه دارد و جابه‌جایی لازم نیست. برنامه‌ها با به‌روزرسانی بعدی خودشان عوض می‌شوند؛ اگر یکی عوض نشد، اشتراک را در همان برنامه به‌روز کنید.
error-key-location = { $location } دیگر ارائه نمی‌شود. مکان دیگری انتخاب کنید.
error-key-instance = پنل { $instance } الان کلید نمی‌گیرد. یکی دیگر انتخاب کنید.
error-key-nothing-left = حجم این کلید تمام شده و نمی‌شود جابه‌جایش کرد. اول حجم بیشتر بخواهید.
error-key-silent = 🌧 سرور الان جواب نمی‌دهد. چند دقیقهٔ دیگر دوباره امتحان کنید؛ کلیدتان سر جایش است.

### Errors about panels: what to look at

error-panel-refused = در این نشانی و پورت چیزی گوش نمی‌دهد. پورت را بررسی کنید و ببینید پنل روشن است.
error-panel-dns = این نام پیدا نشد. نشانی را از نظر غلط تایپی بررسی کنید.
error-panel-unreachable = از اینجا راهی به آن نشانی نیست. شبکه و دیوار آتش را بررسی کنید.
error-panel-timeout = پنل به‌موقع جواب نداد. شاید شلوغ است یا دیوار آتش اتصال را می‌بلعد.
error-panel-cut = اتصال نیمه‌کاره قطع شد. { "\u2066" }https://{ "\u2069" } را به جای { "\u2066" }http://{ "\u2069" } (یا برعکس) یا پورت دیگری امتحان کنید.
error-panel-certificate = گواهی پنل معتبر نیست. اگر خودتان آن را امضا کرده‌اید، در بخش «پیشرفته» اثر انگشت آن یا CA خودتان را بدهید.
error-panel-proxy = پروکسی سر راه اتصال را رد می‌کند. نشانی و ورود آن را بررسی کنید.
error-panel-server-error = پنل از خطای داخلی خودش خبر می‌دهد. گزارش (log) آن را ببینید.
error-panel-too-many = پنل می‌خواهد آرام‌تر باشیم. خودمان دوباره سراغش می‌رویم.
error-panel-foreign = آنجا چیزی جواب می‌دهد ولی پنل نیست. پورت و مسیر بعد از آن را بررسی کنید.
error-panel-garbled = جواب خواندنی نبود. شاید چیزی در راه آن را تغییر می‌دهد.
error-panel-busy = الان کار با این پنل زیاد است. یک دقیقهٔ دیگر امتحان کنید.
error-panel-unauthorised = پنل این نام کاربری یا رمز را قبول نمی‌کند.
error-panel-forbidden = این کاربر روی پنل چنین اجازه‌ای ندارد. کاربری با اختیار بیشتر بدهید.
error-panel-invalid = پنل درخواست را فهمید و رد کرد. شاید نسخه‌اش برای ما ناآشناست.
error-panel-conflict = وضعیت حساب روی پنل این اجازه را نمی‌دهد.
error-panel-not-found = پنل این حساب را نمی‌شناسد.
error-panel-exists = روی پنل از قبل حساب دیگری با این نام هست.
error-panel-settings = تنظیمات اتصال قابل استفاده نیست. پروکسی، گواهی و سرآیندها را در «پیشرفته» بررسی کنید.
error-panel-no-inbounds = ورودی (inbound) ندارد؛ کلیدها خالی درمی‌آمدند.
error-panel-core-stopped = پنل جواب می‌دهد ولی هسته‌اش روشن نیست؛ کسی نمی‌تواند از آن وصل شود.
error-panel-unknown = پنل مشکلی دارد که نامی برایش نداریم ({ $word }). جزئیات در گزارش (log) هست.

### Admins: buttons

button-admin-add = ➕ افزودن پنل
button-admin-list = 🖥 پنل‌ها
button-admin-health = 🩺 وضعیت
button-admin-test = 🔎 آزمایش
button-admin-test-all = 🔎 آزمایش همه
button-admin-edit = ✏️ ویرایش
button-admin-cordon = 🚪 بدون کلید تازه
button-admin-open = ✅ گرفتن کلید تازه
button-admin-drain = 🚚 انتقال همه از اینجا
button-admin-maintenance = 🛠 تعمیر
button-admin-for = { $span }
button-admin-until-opened = تا خودم بازش کنم
button-admin-people = 👥 کلیدهای اینجا
button-admin-remove = 🗑 حذف
button-admin-remove-yes = 🗑 بله، حذف کن
button-admin-sure = ‼️ بله، برای همیشه
button-admin-save = 💾 ذخیره
button-admin-save-anyway = 💾 با این حال ذخیره کن
button-admin-change-address = ✏️ نشانی دیگر
button-admin-change-login = ✏️ ورود دیگر
button-admin-advanced = ⚙️ پیشرفته
button-admin-clear = 🧹 پاک کردن
button-admin-approve = ✅ قبول
button-admin-approve-with = ✅ با محدودیت…
button-admin-deny = ❌ رد
button-admin-withdraw = 🚷 گرفتن دسترسی
button-admin-extend-days = { $count } روز بیشتر
button-admin-extend-gb = { $size } بیشتر
button-admin-extend = 🎁 زمان یا حجم بیشتر
button-admin-reset-traffic = 0️⃣ حجم از صفر
button-admin-suspend = ⏸ توقف
button-admin-resume = ▶️ ادامه
button-admin-revoke = 🚫 پس گرفتن
button-admin-revoke-yes = 🚫 بله، پس بگیر
button-admin-move = 🚚 انتقال
button-admin-why = 💡 چرا آنجا؟
button-admin-give = 🎁 دادن کلید
button-admin-person = 👤 { $name }
button-admin-automatic = ✨ خودکار
button-admin-start = ▶️ شروع
button-admin-pause = ⏸ توقف
button-admin-go-on = ▶️ ادامه
button-admin-stop = ⏹ توقف کامل
button-admin-invite-make = ➕ دعوت‌نامهٔ تازه
button-admin-invite-revoke = 🗑 لغو { $code }
button-admin-uses = { $count } نفر
button-admin-days = { $count } روز
button-admin-unlimited = ♾ نامحدود
button-admin-default = مثل همیشه
button-admin-older = قدیمی‌تر ›
button-admin-next = بعدی ›
button-admin-previous = ‹ قبلی
button-admin-confirm = ✅ بله
button-alert-acknowledge = ✋ من پیگیرم
button-alert-mute = 🔕 ۱ ساعت بی‌صدا
button-alert-unmute = 🔔 باصدا
button-alert-evacuate = 🚚 همین حالا همه را منتقل کن
button-alert-evacuate-yes = 🚚 بله، همه را منتقل کن
button-alert-pause = ⏸ توقف انتقال
button-alert-resume = ▶️ ادامهٔ انتقال
button-alert-next-address = 🔀 نشانی بعدی
button-alert-brake-off = ▶️ برداشتن ترمز
button-alerts = 🚨 هشدارها

### Admins: help

admin-help =
    🛠 <b>برای مدیران</b>

    { "\u2066" }/nodes{ "\u2069" } – پنل‌ها: فهرست، تنظیمات، بدون کلید تازه، انتقال همه
    { "\u2066" }/addnode{ "\u2069" } – افزودن پنل
    { "\u2066" }/health{ "\u2069" } – وضعیت پنل‌ها و جای کلید بعدی
    { "\u2066" }/alerts{ "\u2069" } – هشدارها: آنچه هست و آنچه بود
    { "\u2066" }/user{ "\u2069" } – یک نفر و کلیدهایش: با شناسه یا @نام
    { "\u2066" }/migrate{ "\u2069" } – انتقال کلیدهای یک نفر یا یک پنل کامل
    { "\u2066" }/drain{ "\u2069" } – خالی‌کردن پنل: پیشرفت، توقف، پایان فوری
    { "\u2066" }/simulate{ "\u2069" } – اگر پنلی از دست برود، و تا کی جا هست
    { "\u2066" }/maintenance{ "\u2069" } – برنامه‌ریزی نگهداری
    { "\u2066" }/rebalance{ "\u2069" } – بار چقدر یکسان است؛ جابه‌جایی کلیدها برای یکسان کردن آن
    { "\u2066" }/reconcile{ "\u2069" } – تفاوت پنل با پایگاه داده
    { "\u2066" }/adopt{ "\u2069" } – حساب‌هایی که از قبل روی پنل هستند: تحویل گرفتن
    { "\u2066" }/restore{ "\u2069" } – پس از بازگردانی پشتیبان: چه خواهد شد، و ادامهٔ کار
    { "\u2066" }/broadcast{ "\u2069" } – پیام به همه یا گروهی از کاربران
    { "\u2066" }/invite{ "\u2069" } – دعوت‌نامه‌ها
    { "\u2066" }/stats{ "\u2069" } – کاربران، کلیدها و ترافیک، با نمودار
    { "\u2066" }/why{ "\u2069" } – چرا کلید آنجاست
    { "\u2066" }/audit{ "\u2069" } – چه کسی چه کرد

    خودتان هم مثل بقیه از ربات استفاده می‌کنید: { "\u2066" }/start{ "\u2069" } و { "\u2066" }/key{ "\u2069" }.
admin-value-invalid =
    ✋ این درست نیست: { $reason }

    دوباره بفرستید.
admin-reason-number = یک عدد صحیح از { $least } تا { $most } لازم است
admin-reason-weight = عددی از 0.01 تا 100 لازم است، مثل 1 یا 2.5
admin-reason-region = کد دوحرفی کشور لازم است، مثل de یا nl
admin-reason-url-scheme = نشانی باید با { "\u2066" }https://{ "\u2069" } یا { "\u2066" }http://{ "\u2069" } شروع شود
admin-reason-url-unreadable = این نشانی وب نیست؛ چنین شکلی دارد: { "\u2066" }https://vpn1.example.com:8000{ "\u2069" }
admin-reason-url-userinfo = نام کاربری و رمز را از نشانی بردارید
admin-reason-long = خیلی بلند است؛ حداکثر { $most } نویسه
admin-reason-empty = خالی است
admin-reason-id = از ۱ تا ۱۶ حرف کوچک a-z، رقم یا خط تیره لازم است و با حرف شروع شود
admin-reason-proxy = نشانی پروکسی لازم است، مثل { "\u2066" }socks5://127.0.0.1:1080{ "\u2069" }
admin-reason-headers = در هر خط یک سرآیند به شکل Name: value لازم است
admin-reason-fingerprint = اثر انگشت SHA-256 با ۶۴ رقم شانزده‌شانزدهی لازم است
admin-reason-certificate = گواهی PEM لازم است، از BEGIN CERTIFICATE تا END CERTIFICATE
admin-reason-connect-to = میزبان:پورت لازم است، مثل 10.0.0.5:8000
admin-reason-name = نام میزبان لازم است، مثل vpn.example.com
admin-reason-client-certificate = گواهی و کلید خصوصی آن به صورت PEM لازم است، پشت سر هم
admin-person-name = { $name } ({ $id })
admin-service = خود سرویس
admin-done = ✅ انجام شد

### Panels: words

nodes-health-unknown = ⚪ هنوز بررسی نشده
nodes-health-healthy = 🟢 کار می‌کند
nodes-health-degraded = 🟡 نصفه‌نیمه کار می‌کند
nodes-health-suspect = 🟠 شاید مشکل دارد
nodes-health-unreachable = 🔴 جواب نمی‌دهد
nodes-health-control-down = 🟠 پنل ساکت است، کلیدها شاید کار کنند
nodes-health-down = ⛔ از کار افتاده
nodes-health-misconfigured = 🔧 تنظیمات درست نیست
nodes-health-blocked = 🚧 برای بعضی‌ها بسته است
nodes-health-recovering = 🔵 در حال برگشت
nodes-state-open = ✅ کلید تازه می‌گیرد
nodes-state-cordoned = 🚪 بدون کلید تازه
nodes-state-maintenance = 🛠 در تعمیر
nodes-state-maintenance-until = 🛠 در تعمیر تا { $until }
nodes-mode-observe = 👁 فقط نگاه می‌کنیم؛ کلیدی اینجا نمی‌گذاریم

### Panels: list and card

nodes-none = 🖥 هنوز پنلی نیست. اولین پنل را اضافه کنید؛ یک دقیقه طول می‌کشد.
nodes-list = 🖥 <b>پنل‌ها</b>: { $count }، کلیدها: { $keys }
nodes-row = { $icon } <b>{ $name }</b> { $flag } · { $taken } از { $cap }
nodes-row-latency = { $row } · { $latency }
nodes-row-state = { $row } · { $state }
nodes-card-title =
    🖥 <b>{ $name }</b> ({ $id })
    { $location }
nodes-card-health = { $health } · از { $since }
nodes-card-problem = ⚠️ { $problem }
nodes-card-checked = بررسی: { $ago }، پاسخ در { $latency }
nodes-card-checked-silent = بررسی: { $ago }، بدون پاسخ درست
nodes-card-version = { $kind } { $version }
nodes-card-address = نشانی: { $address }
nodes-card-login = کاربر: { $username }
nodes-card-room = 👥 { $bar } { $taken } از { $cap } جا
nodes-card-counts = کلیدهای ما: { $active }، در حال ساخت: { $reserved }، رفته ولی هنوز فعال: { $lingering }، غیر از ما: { $foreign }
nodes-card-share = نوبت: { $priority }، سهم: { $weight }
nodes-card-provider = میزبان: { $provider }
nodes-card-tags = برچسب‌ها: { $tags }
nodes-card-note = 📝 { $note }
nodes-exits = <b>خروجی‌ها</b>
nodes-exit-up = 🟢 { $name } · { $address }
nodes-exit-down = 🔴 { $name } · { $address }
nodes-exit-traffic = { $row } · { $traffic } در ۳۰ روز
nodes-exit-hidden = { $row } · پنهان
nodes-exit-location = { $row } · { $location }
nodes-exit-more = … و { $count } تای دیگر
nodes-not-found = این پنل دیگر در فهرست نیست.
nodes-keys = 👥 <b>{ $name }</b>: { $count } کلید
nodes-keys-none = 👥 هیچ کلیدی از ما روی <b>{ $name }</b> نیست.
nodes-testing = 🔎 داریم از پنل می‌پرسیم…
nodes-opened = ✅ { $name } دوباره کلید تازه می‌گیرد.
nodes-cordoned = 🚪 { $name } کلید تازه نمی‌گیرد. کلیدهای رویش می‌مانند و کار می‌کنند.
nodes-maintenance-choose = 🛠 تعمیر { $name } چقدر طول می‌کشد؟ در این مدت کلید تازه نمی‌گیرد و هشدار نمی‌دهد. کلیدهای رویش می‌مانند.
nodes-remove-confirm = 🗑 <b>{ $name }</b> از فهرست حذف شود؟ به خود پنل دست نمی‌زنیم.
nodes-remove-sure = 🗑 آخرین سؤال: <b>{ $name }</b> با همهٔ تنظیمات و رمزش از فهرست می‌رود. مطمئنید؟
nodes-removed = 🗑 { $name } حذف شد.
nodes-in-use = ✋ این پنل هنوز در کار است: { $keys } کلید رویش هست و { $leftovers } حساب قدیمی باید پاک شود. اول <b>🚚 انتقال همه از اینجا</b> را بزنید؛ حساب‌های قدیمی بعد از مدتی خودشان پاک می‌شوند.
nodes-already-there = ✋ این پنل از قبل در فهرست هست، با نام { $id }.
nodes-id-taken = ✋ نام کوتاه { $id } گرفته شده. نام دیگری انتخاب کنید.

### Panels: what a live test found

nodes-test-good = ✅ <b>پنل خوب جواب می‌دهد</b> ({ $latency })
nodes-test-bad =
    ❌ <b>با این وضع نمی‌شود از پنل استفاده کرد</b>
    { $problem }
nodes-test-version = نسخهٔ { $version }
nodes-test-users = کاربران: { $active } فعال از { $total }
nodes-test-inbounds = ورودی‌ها: { $inbounds }
nodes-test-exits = خروجی‌ها: { $connected } از { $total } وصل
nodes-test-not-sudo = ℹ️ این کاربر مالک پنل نیست؛ خروجی‌ها و بعضی بررسی‌ها دیده نمی‌شود. بقیه کار می‌کند.
nodes-warning-no-inbounds = ⚠️ پنل هیچ inbound ندارد؛ کلیدهای اینجا خالی می‌شوند. اول آن‌ها را در پنل بسازید.
nodes-warning-core-stopped = ⚠️ هستهٔ پنل روشن نیست؛ کسی نمی‌تواند وصل شود. آن را در پنل روشن کنید.
nodes-warning-reality-raw = ⚠️ ورودی { $tag } از نوع REALITY با شبکهٔ "raw" است؛ کلیدهای تازه تا راه‌اندازی دوبارهٔ هسته وصل نمی‌شوند. در تنظیمات هستهٔ پنل نامش را "tcp" کنید.
nodes-warning-unknown-inbound = ⚠️ پنل ورودی‌ای به نام { $tag } ندارد. نام را در «پیشرفته» بررسی کنید.
nodes-warning-plain-http = ⚠️ نشانی رمزنگاری ندارد ({ "\u2066" }http://{ "\u2069" })؛ رمز پنل آشکارا از شبکه می‌گذرد. از { "\u2066" }https://{ "\u2069" } یا تونل استفاده کنید.

### Panels: editing

nodes-edit-choose = ✏️ چه چیزی از <b>{ $name }</b> تغییر کند؟
nodes-edit-ask =
    ✏️ <b>{ $field }</b>
    الان: { $value }

    مقدار تازه را بفرستید.
nodes-edit-ask-secret =
    ✏️ <b>{ $field }</b>

    مقدار تازه را بفرستید. پیام شما را فوراً پاک می‌کنم.
nodes-edit-saved = 💾 ذخیره شد.
nodes-edit-saved-below = 💾 ذخیره شد. همین حالا کلید بیشتری هست؛ آن‌ها می‌مانند و کلید تازه فقط وقتی جا باز شود می‌آید.
nodes-value-none = تنظیم نشده
nodes-value-set = تنظیم شده
nodes-field-name = نام
nodes-field-note = یادداشت
nodes-field-address = نشانی
nodes-field-username = نام کاربری
nodes-field-password = رمز
nodes-field-region = مکان
nodes-field-provider = شرکت میزبان
nodes-field-tags = برچسب‌ها
nodes-field-priority = نوبت (کمتر، زودتر)
nodes-field-weight = سهم از کلیدهای تازه
nodes-field-cap = بیشترین جا
nodes-field-mode = فقط نگاه یا استفاده
nodes-field-proxy = پروکسی تا پنل
nodes-field-headers = سرآیندهای اضافه
nodes-field-ca = مرجع گواهی خودتان (PEM)
nodes-field-fingerprint = اثر انگشت گواهی (SHA-256)
nodes-field-connect-to = اتصال به میزبان:پورت
nodes-field-sni = نام برای TLS (SNI)
nodes-field-client-certificate = گواهی برای نشان دادن، با کلیدش (PEM)
nodes-field-inbounds = ورودی‌های قابل ارائه
nodes-mode-choose = 👁 روی <b>{ $name }</b> کلید بگذاریم یا فقط نگاهش کنیم؟
nodes-mode-use-label = ✅ استفاده شود
nodes-mode-observe-label = 👁 فقط نگاه

### Adding a panel

addnode-begin =
    ➕ <b>پنل تازه</b>

    چند چیز می‌پرسم، پنل را آزمایش می‌کنم و شما تصمیم می‌گیرید. تا آن موقع چیزی ذخیره نمی‌شود.
addnode-address =
    <b>۱.</b> نشانی پنل، با پورت و مسیر اگر دارد. مثلاً:
    { "\u2066" }<code>https://vpn1.example.com:8000</code>{ "\u2069" }
addnode-region = <b>۴.</b> در کدام کشور است؟ یکی را بزنید یا کد دوحرفی‌اش را بفرستید، مثل { "\u2066" }<code>de</code>{ "\u2069" }.
addnode-name = <b>۵.</b> نامش برای مردم چه باشد؟ مثلاً: فرانکفورت ۱
addnode-username = <b>۲.</b> نام کاربری مدیر پنل.
addnode-password = <b>۳.</b> رمز عبور. پیام شما را فوراً پاک می‌کنم و رمز را رمزنگاری‌شده نگه می‌دارم.
addnode-password-kept = 🔒 رمز رسید و پیام شما پاک شد.
addnode-password-delete-failed = 🔒 رمز رسید. نتوانستم پیام شما را پاک کنم؛ لطفاً خودتان پاکش کنید.
addnode-cap = <b>۶.</b> حداکثر چند کلید؟ بزنید یا عدد بفرستید.
addnode-review =
    ➕ <b>{ $name }</b> · { $location }
    نشانی: { $address }
    کاربر: { $username }
    بیشترین جا: { $cap }
    نوبت: { $priority }، سهم: { $weight }
addnode-tested-good = ✅ آزمایش شد و کار می‌کند.
addnode-tested-bad = ⚠️ آزمایش ناموفق بود. { $problem }
addnode-test-bad-next = چیزی را عوض کنید و دوباره آزمایش کنید. یا همین‌طور ذخیره کنید؛ همین که خوب جواب دهد کلید می‌گیرد.
addnode-save-question = این پنل ذخیره شود؟ فوراً کلید تازه می‌گیرد.
addnode-save-question-bad = همین‌طور ذخیره شود؟ همین که خوب جواب دهد کلید می‌گیرد.
addnode-advanced =
    ⚙️ <b>پیشرفته</b>

    بیشتر پنل‌ها به این‌ها نیازی ندارند.
addnode-advanced-row = { $field }: { $value }
addnode-saved = 🎉 <b>{ $name }</b> با نام { $id } اضافه شد.
addnode-cancelled = چیزی ذخیره نشد.
addnode-over = 🔁 این فرم تمام شده؛ ذخیره یا رها شده است. چیز دیگری عوض نشد.

### Health: the whole fleet

health-title = 🩺 <b>وضعیت پنل‌ها</b>
health-all-well = 🟢 هر { $count } پنل کار می‌کند.
health-some-bad = 🔴 { $bad } پنل از { $count } پنل توجه لازم دارد.
health-row = { $health } · { $name } · { $taken } از { $cap }
health-checking = 🔎 از همهٔ پنل‌ها می‌پرسم…
health-checked = 🔎 همین حالا پرسیدیم؛ { $good } پنل از { $count } پنل خوب جواب داد.
health-waiting = 🪑 { $count } کلید منتظر جای خالی است.
health-next = ⬅️ کلید بعدی به { $name } می‌رود؛ آنجا { $taken } از { $cap } جا پر است.
health-refused = کنار رفتند: { $reasons }
health-next-none = 🪑 کلید بعدی باید صبر کند؛ الان هیچ پنلی کلید نمی‌گیرد.
health-row-uptime = { $row } · ⏱ { $uptime }
health-legend = ⏱ یعنی پنل در چند درصدِ ۲۴ ساعت گذشته جواب داده است. برای دیدن همه‌چیز روی هر پنل بزنید.
health-not-found = پنلی به نام { $name } نیست. همهٔ پنل‌ها: { "\u2066" }/health{ "\u2069" }

### Health: the service itself

system-title = ⚙️ <b>خود سرویس</b>
system-version = کاروان { $version }
system-since = در حال کار از { $since }؛ { $span }
system-sqlite = پایگاه داده: { "\u2066" }SQLite{ "\u2069" }، پاسخ در { $took }
system-postgres = پایگاه داده: { "\u2066" }PostgreSQL{ "\u2069" }، پاسخ در { $took }
system-memory = حافظه: { $size }
system-replicas-this = پردازه‌ها: { $count } · همین یکی هدایت می‌کند
system-replicas-another = پردازه‌ها: { $count } · یکی دیگر هدایت می‌کند
system-replicas-nobody = پردازه‌ها: { $count } · فعلاً هیچ‌کدام هدایت نمی‌کند
system-drift = ⚠️ تنظیمات آن‌ها یکسان نیست: { $names }
system-unknown = ⚠️ کارهایی که فقط نسخهٔ تازه‌تر می‌شناسد: { $count }
system-vantage = 🛰 گزارش { $name }: { $ago }
system-vantage-silent = ⚠️ آخرین گزارش ناظر { $name }: { $ago }. آیا karvan probe آنجا کار می‌کند؟
system-vantage-never = ⚪ ناظر { $name } هنوز گزارشی نداده است
system-hold = ⛔ <b>همه چیز متوقف است:</b> تا تأیید یک مدیر، چیزی روی پنل‌ها نوشته و پیامی فرستاده نمی‌شود
system-queues =
    <b>در انتظار</b>
    کارهای کلیدها: { $operations }
    کلیدهای بی‌جا: { $waiting }
    پیام‌های آمادهٔ ارسال: { $letters }
    پیام‌های رسیدهٔ بررسی‌نشده: { $updates }
    حساب‌های حذف‌نشده: { $leftovers }
system-loops = <b>در پس‌زمینه</b>
system-loop = ✅ { $name } · { $ago }، در { $took }
system-loop-next = { $row } · بار بعد { $span } دیگر
system-loop-running = ▶️ { $name } اکنون در حال کار است
system-loop-always = ✅ { $name } همیشه در حال کار است
system-loop-never = ⚪ { $name } هنوز اجرا نشده
system-loop-failed = ⚠️ { $count } بار ناموفق، آخرین { $ago }: { $what }
system-loop-panic = خطایی در برنامه که مهار شد
button-health-system = ⚙️ سرویس
button-health-refresh = 🔄 دوباره ببین

### Health: one panel

vitals-next-check = ⬅️ همه‌چیز خوب است. بررسی بعدی { $span } دیگر.
vitals-next-check-soon = ⬅️ هر چند ثانیه بررسی می‌شود.
vitals-next-first = ⬅️ پس از نخستین بررسی‌های خوب کلید می‌گیرد.
vitals-next-maintenance = ⬅️ در تعمیر؛ تا بازش نکنید نه کلید تازه می‌گیرد و نه هشدار می‌دهد.
vitals-next-maintenance-until = ⬅️ در تعمیر؛ تا { $until } نه کلید تازه می‌گیرد و نه هشدار می‌دهد.
vitals-next-confirming = ⬅️ یک بررسی ناموفق بود. تا چند ثانیهٔ دیگر معلوم می‌شود جدی است یا نه.
vitals-next-watched = ⬅️ در هر بررسی دوباره سنجیده می‌شود. تا از کار افتادنش ثابت نشود، کسی جابه‌جا نمی‌شود.
vitals-next-stay = ⬅️ کلیدها می‌مانند؛ تا جایی که پیداست کار می‌کنند. کارهای خودِ پنل منتظر می‌مانند.
vitals-next-leave = ⬅️ جابه‌جایی همه از ساعت { $at } آغاز می‌شود.
vitals-next-leaving = 🚚 همه جابه‌جا می‌شوند. هنوز آنجا: { $count }.
vitals-next-paused = ⏸ جابه‌جایی متوقف است. هنوز آنجا: { $count }.
vitals-next-brake = 🛑 ترمز اضطراری فعال است و کسی خودکار جابه‌جا نمی‌شود: { "\u2066" }/alerts{ "\u2069" }
vitals-next-ask = 👉 تا شما نگویید کسی جابه‌جا نمی‌شود. روی «انتقال همه از اینجا» بزنید.
vitals-next-off = ⬅️ اینجا کسی خودکار جابه‌جا نمی‌شود.
vitals-next-empty = ⬅️ کلیدی از ما روی آن نیست.
vitals-next-settings = 👉 کلیدها می‌مانند. نشانی، نام کاربری و گواهی پنل را بررسی کنید.
vitals-next-blocked = ⬅️ تا نشان را برندارید، کلیدهای تازه به جای دیگر می‌روند. کلیدهای روی آن می‌مانند.
vitals-next-quarantine = ⬅️ زیر نظر است و از ساعت { $at } دوباره کلید می‌گیرد.
vitals-next-ramp = ⬅️ آرام‌آرام دوباره پر می‌شود؛ تا اینجا { $percent }.
vitals-checks = <b>بررسی‌ها</b>
vitals-panel = پنل: { $found } ({ $ago })
vitals-panel-never = پنل: از زمان اجرای سرویس هنوز بررسی نشده
vitals-seen-good = جواب می‌دهد
vitals-seen-refused = آنجا کسی گوش نمی‌دهد
vitals-seen-silent = به‌موقع جواب نمی‌دهد
vitals-seen-broken = با خطا جواب می‌دهد یا هسته‌اش ایستاده است
vitals-seen-foreign = چیزی جواب می‌دهد، ولی نه به ما
vitals-seen-front = چیزی جلوی آن می‌خواهد صبر کنیم
vitals-seen-local = مشکل از مسیر خود ماست و دربارهٔ پنل چیزی نمی‌گوید
vitals-addresses = نشانی‌ها در لینک کاربران:
vitals-endpoint-up = 🟢 { $address } جواب می‌دهد ({ $ago })
vitals-endpoint-down = 🔴 { $address } { $problem } ({ $ago })
vitals-endpoint-unseen = ⚪ { $address } یک روز است از اینجا جواب نداده، پس چیزی را ثابت نمی‌کند
vitals-endpoint-new = ⚪ { $address } هنوز بررسی نشده
vitals-endpoint-none = هنوز نشانی کاربران را نمی‌دانیم؛ با نخستین کلیدها معلوم می‌شود.
vitals-endpoint-refused = اتصال را رد می‌کند
vitals-endpoint-silent = جواب نمی‌دهد
vitals-endpoint-origin-dead = از بیرون زنده است، ولی سرور پشت آن از کار افتاده
vitals-outlook-reaches = 🛰 از { $vantage } در دسترس است، از { $since }
vitals-outlook-misses = 🚧 از { $vantage } در دسترس نیست، از { $since }
vitals-certificate = 📜 گواهی تا { $date }؛ { $span } مانده
vitals-certificate-ended = 📜 گواهی در { $date } تمام شده است
vitals-history = <b>پاسخ‌گویی</b>: { $day } در ۲۴ ساعت، { $week } در ۷ روز، { $month } در ۳۰ روز
vitals-history-none = –
vitals-latency = میانگین پاسخ { $mean }، بیشترین { $most }
vitals-complaints = 🙋 در یک روز { $count } نفر گفته‌اند که کار نمی‌کند یا لینک تازه ساخته‌اند
vitals-checking = 🔎 در حال بررسی…
vitals-blocked-ask = 🚧 آیا <b>{ $name }</b> را برای بعضی‌ها بسته نشان کنیم؟ کلیدهای تازه به جای دیگر می‌روند و کلیدهای روی آن می‌مانند. همهٔ مدیران باخبر می‌شوند.
vitals-blocked-done = 🚧 { $name } بسته نشان شد.
vitals-unblocked-done = ✅ نشان بسته بودن از { $name } برداشته شد.

### Exits

nodes-exit-connecting = 🟠 { $name } · { $address }
nodes-exit-disabled = ⚪ { $name } · { $address } · خاموش
nodes-exit-coefficient = { $row } · ×{ $times }
nodes-exit-rate = { $row } · { $rate }
nodes-exit-message = ⚠️ { $message }
exits-title = 🛰 <b>خروجی‌های { $name }</b>
exits-about = هر کس روی این پنل کلید دارد می‌تواند از همهٔ خروجی‌هایش استفاده کند. برای پنهان کردن، اتصال دوباره یا تعیین مکان خروجی روی آن بزنید.
exits-none = خروجی‌های این پنل دیده نمی‌شوند؛ نام کاربری آن مالک پنل نیست.
exits-gone = این خروجی دیگر نیست.
exits-hidden = 🙈 { $exit } پنهان شد؛ لینک‌هایش از اشتراک‌ها کنار می‌رود و در جای‌دهی کلیدها به حساب نمی‌آید.
exits-shown = 👁 { $exit } دوباره به حساب می‌آید.
exits-reconnecting = 🔌 پنل دوباره به { $exit } وصل می‌شود. بررسی بعدی نتیجه را نشان می‌دهد.
exits-failed = ✋ نشد. { $problem }
exits-location-ask = 🌍 خروجی <b>{ $exit }</b> از کدام کشور به اینترنت می‌رسد؟ مکانی را انتخاب کنید یا دو حرفش را بنویسید، مثل { "\u2066" }<code>nl</code>{ "\u2069" }.
exits-location = 🌍 مکان { $exit } شد { $location }. اگر آنجا پنلی ندارید، کاربران از این پس می‌توانند این مکان را انتخاب کنند.
exits-location-unseen = 🌍 مکان { $exit } شد { $location }. کاربران فقط با لینک‌های خود سرویس می‌توانند انتخابش کنند؛ PUBLIC_URL را تنظیم کنید.
exit-links-title = 🔗 <b>لینک‌های { $name }</b>
exit-links-about = لینک خروجی‌ای که کار نمی‌کند یا پنهان است از اشتراک کاربران کنار گذاشته می‌شود. مقصد هر لینک از نشانی یا نامش پیداست؛ لینک با نشان ❔ چیزی نمی‌گوید و همیشه می‌ماند. روی لینک بزنید تا خروجی‌اش را تعیین کنید.
exit-links-none = هنوز لینکی برای نشان دادن نیست؛ با اولین کلید روی این پنل می‌آید.
exit-link-unknown = ❔ { $link } · { $address }
exit-link-found = 🔗 { $link } · { $address } ← { $exits }
exit-link-is = 🔗 { $link } · { $address } ← { $exit } (به گفتهٔ شما)
exit-link-is-none = 🔗 { $link } · { $address } ← از هیچ خروجی (به گفتهٔ شما)
exit-link-ask = لینک <b>{ $link }</b> از کدام خروجی می‌رود؟ این برای همین لینک در همهٔ کلیدها درست است.
exit-link-said = 💾 ذخیره شد. برنامه‌ها با به‌روزرسانی بعدی آن را می‌بینند.
exit-link-gone = این لینک دیگر نیست.
exits-restart-ask = ♻️ هستهٔ <b>{ $name }</b> دوباره اجرا شود؟ اتصال همهٔ کسانی که از این پنل یا خروجی‌هایش وصل‌اند چند ثانیه قطع می‌شود. بیشتر برنامه‌ها خودشان دوباره وصل می‌شوند.
exits-restart-sure = ‼️ آخرین پرسش: { $count } کلید ما روی <b>{ $name }</b> است و اتصال‌ها همین حالا قطع می‌شوند. دوباره اجرا شود؟
exits-restarting = ♻️ در حال اجرای دوباره…
exits-restarted = ♻️ هستهٔ { $name } دوباره اجرا شد.
button-health-check = 🔎 بررسی حالا
button-health-exits = 🛰 خروجی‌ها
button-health-blocked = 🚧 نشانِ بسته
button-health-unblocked = ✅ دیگر بسته نیست
button-health-panel = 🖥 پنل
button-health-maintenance = 🛠 { $span }
button-exit-hide = 🙈 پنهان کن
button-exit-show = 👁 دوباره نشان بده
button-exit-reconnect = 🔌 اتصال دوباره
button-exit-region = 🌍 مکان
button-exit-region-home = همان‌جا که پنل است: { $location }
button-exit-links = 🔗 لینک‌ها و خروجی‌ها
button-exit-link-none = 🚫 از هیچ‌کدام
button-exit-link-clear = ↩️ طبق نشانی یا نامش
button-exit-restart = ♻️ اجرای دوبارهٔ هسته
button-exit-restart-yes = ♻️ بله، دوباره اجرا شود
unit-kbits = { $amount } کیلوبیت بر ثانیه
unit-mbits = { $amount } مگابیت بر ثانیه
unit-gbits = { $amount } گیگابیت بر ثانیه

### People and their keys, for admins

person-ask = 👤 چه کسی؟ شناسه یا @نام او را بفرستید یا پیامی از او بازفرست کنید.
person-not-found = این شخص را نمی‌شناسم. باید یک بار ربات را باز کند.
person-card =
    👤 <b>{ $name }</b>
    شناسه: { $id }
person-username = تلگرام: { $username }
person-access-none = دسترسی: هنوز درخواست نداده
person-access-requested = دسترسی: درخواست داده، بی‌پاسخ
person-access-granted = دسترسی: دارد
person-access-denied = دسترسی: رد شده
person-since = از { $date } اینجاست، آخرین بار: { $ago }
person-blocked = 🚫 ربات را مسدود کرده؛ پیامی به او نمی‌رسد.
person-keys-none = کلیدی ندارد.
person-key-row = 🔑 { $number } · { $state } · { $location } · { $used } از { $limit }
person-key-row-unlimited = 🔑 { $number } · { $state } · { $location } · { $used } مصرف شده، نامحدود
person-key-owner = 👤 { $name } ({ $id })
person-key-panel = 🖥 پنل: { $name } ({ $id })
person-key-panel-none = 🖥 پنل: هنوز ندارد
person-key-lingering = 🕰 حساب‌های قدیمی که هنوز کار می‌کنند: { $count }
person-extend = 🎁 چقدر بیشتر؟ یکی را بزنید یا روز ({ "\u2066" }<code>30d</code>{ "\u2069" }) یا گیگابایت ({ "\u2066" }<code>50g</code>{ "\u2069" }) بفرستید؛ با منها کم می‌شود.
person-extend-invalid = روز مثل { "\u2066" }30d{ "\u2069" } یا گیگابایت مثل { "\u2066" }50g{ "\u2069" } بفرستید
person-revoke-confirm = 🚫 این کلید برای همیشه پس گرفته شود؟ فوراً روی همهٔ دستگاه‌ها از کار می‌افتد.
person-revoke-sure = 🚫 آخرین سؤال: راه برگشتی نیست. پس گرفته شود؟
person-move-choose = 🚚 این کلید به کجا برود؟
person-asked = ⏳ در جریان است. کارت زیر روندش را نشان می‌دهد.
person-asked-before = ⏳ این کار از قبل در جریان است.
person-key-gone = این کلید دیگر نیست؛ پس گرفته شده.
person-key-ended = این کلید الان کار نمی‌کند ({ $state }). اول دوباره فعالش کنید، بعد امتحان کنید.
person-key-empty = حجمی روی این کلید نمانده و جابه‌جا نمی‌شود. اول بیشترش کنید.
person-give-choose = 🎁 کلید تازه برای { $name }. برای چه مدت؟
person-give-traffic = 🎁 چقدر حجم؟

### Requests for access, for admins

request-card =
    🙋 <b>{ $name }</b> درخواست دسترسی دارد.
    شناسه: { $id }
request-granted =
    ✅ <b>{ $name }</b> پذیرفته شد.
    شناسه: { $id }
request-denied =
    ❌ درخواست <b>{ $name }</b> رد شد.
    شناسه: { $id }
request-limits =
    ⚙️ <b>{ $name }</b> چه مدت و چه مقدار حجم داشته باشد؟
    شناسه: { $id }
request-settled = پیش از این تصمیم گرفته شده است
request-choice = { $span } · { $size }

### Moving many keys

migrate-scope =
    🚚 <b>انتقال کلیدها</b>

    مال چه کسی؟ یک پنل انتخاب کنید یا شناسه یا @نام یک نفر را بفرستید.
migrate-target = 🚚 از <b>{ $source }</b>. به کجا؟
migrate-preview =
    🚚 <b>{ $source }</b>: { $count } کلید جابه‌جا می‌شود.
    کسی قطع نمی‌شود؛ جای قبلی تا وقتی جای تازه کار کند فعال است.
migrate-preview-target = ⬅️ { $name }: { $count }
migrate-preview-stranded = 🪑 برای { $count } کلید جا نیست و منتظر می‌مانند.
migrate-preview-skipped = ⏭ { $count } کلید می‌ماند؛ الان فعال نیستند یا کار دیگری رویشان در جریان است.
migrate-preview-closed = 🚪 { $source } از این به بعد کلید تازه نمی‌گیرد.
migrate-empty = چیزی برای انتقال نیست.
migrate-changed = 🔁 از پیش‌نمایش تا حالا اوضاع عوض شده. این پیش‌نمایش تازه است:
migrate-started = ▶️ <b>انتقال شروع شد.</b> پیام پایین روندش را نشان می‌دهد.
migrate-over = 🔁 این سؤال قدیمی شده. از نو شروع کنید.
migrate-not-found = پنل، کلید یا شخصی با این نام نمی‌شناسم.
migrate-progress-running = 🚚 <b>در حال انتقال کلیدها</b>
migrate-progress-paused = ⏸ <b>انتقال کلیدها: متوقف</b>
migrate-progress-cancelled = ⏹ <b>انتقال کلیدها: پایان داده شد</b>
migrate-progress-done = ✅ <b>انتقال کلیدها: تمام شد</b>
migrate-progress-route = { $source } ⬅️ { $target }
migrate-progress-any = چند پنل
migrate-progress-bar =
    { $bar } { $percent }
    { $done } از { $total } جابه‌جا شده
migrate-progress-waiting = 🪑 { $count } در انتظار نوبت یا جا
migrate-progress-given-up = ⏭ { $count } لغو شده
migrate-progress-left = ⏱ حدود { $span } مانده
migrate-progress-took = ⏱ { $span } طول کشید
migrate-ended = این کار از قبل تمام شده.
migrate-recent = <b>تازه‌ترین‌ها</b>
migrate-recent-row = { $when }: { $source } ⬅️ { $target }، { $done } از { $total }

### Everybody away from a panel

rebalance-title = ⚖️ <b>بار</b>
rebalance-none = چیزی برای مقایسه نیست: در هیچ مکانی دو پنل سالم و باز با حدود ۲۰ کاربر وجود ندارد.
rebalance-even = ✅ { $count } مکان به اندازهٔ کافی یکسان است: پنل‌ها حداکثر { $spread } تفاوت دارند.
rebalance-more = … و { $count } مورد دیگر
rebalance-place = <b>{ $location }</b>
rebalance-place-labels = <b>{ $location }</b> · { $labels }
rebalance-panel = { $name } ({ $count })
rebalance-group =
    { $place }: پنل‌ها { $spread } تفاوت دارند
    خالی‌ترین { $least }، پرترین { $most }
rebalance-moves = 🚚 با { $count } انتقال تفاوت { $spread } می‌شود؛ با کمتر از { $bound } ممکن نیست. حدود { $span }.
rebalance-pair = { $from } ⬅️ { $to }: { $count }
rebalance-pairs-more = … و { $count } جفت دیگر
rebalance-stuck = ✋ چیزی را نمی‌توان منتقل کرد: آن کاربران از ما نیستند یا جا نیست.
rebalance-rules =
    { $count } کلید در { $span } منتقل می‌شود: حداکثر ۱٪ در ساعت و ۵٪ در روز، فقط کلیدهایی که اکنون کسی از آن‌ها استفاده نمی‌کند، و هیچ‌کدام دو بار در هفته. اگر لینک عوض شود به صاحبش خبر داده می‌شود؛ لینک قبلی مدتی کار می‌کند.
rebalance-not-panic = 🛑 اکنون چیزی منتقل نمی‌شود: خرابی هم‌زمان زیاد است و ترمز فعال است.
rebalance-not-hold = 🛑 اکنون چیزی منتقل نمی‌شود: همه چیز تا تأیید مدیر نگه داشته شده است.
rebalance-not-paused = 🛑 اکنون چیزی منتقل نمی‌شود: یک مدیر همهٔ انتقال‌ها را متوقف کرده است.
rebalance-not-evacuation = 🛑 اکنون چیزی منتقل نمی‌شود: همه در حال ترک یک پنل خراب‌اند و آن مهم‌تر است.
rebalance-not-yet = 🛑 هنوز چیزی منتقل نمی‌شود: لحظاتی پیش مشکلی بود. { $span } دیگر دوباره.
rebalance-nothing = ✅ چیزی برای انتقال نیست.
rebalance-open = این کار در جریان است.
rebalance-changed = 🔁 اکنون باید خیلی بیشتر منتقل شود. نگاهی بیندازید و اگر خواستید دوباره شروع کنید.
rebalance-unknown = چنین موردی نمی‌شناسم.
rebalance-started = ▶️ <b>شروع شد.</b> پیام پایین روندش را نشان می‌دهد.
rebalance-running = ⚖️ <b>در حال یکسان کردن بار</b>
rebalance-running-back = ↩️ <b>در حال بازگرداندن</b>
rebalance-paused = ⏸ <b>یکسان کردن بار: متوقف</b>
rebalance-cancelled = ⏹ <b>یکسان کردن بار: پایان داده شد</b>
rebalance-done = ✅ <b>یکسان کردن بار: تمام شد</b>
rebalance-since = 🗓 از { $when }
button-rebalance-run = ⚖️ یکسان کن: { $count } انتقال
button-rebalance-back = ↩️ { $count } را برگردان
button-rebalance-look = ⚖️ بار

drain-which =
    🚚 <b>خالی‌کردن پنل</b>

    کدام پنل؟ کلید تازه‌ای نمی‌گیرد، همهٔ کلیدها به پنل‌های دیگر می‌روند و جاهای قدیمی تا وقتی همه فرصت به‌روزرسانی لینک داشته باشند کار می‌کنند.
drain-unknown = پنلی با این نام نمی‌شناسم.
drain-none = 🚚 <b>{ $name }</b> در حال خالی‌شدن نیست.
drain-moving = 🚚 <b>{ $name } در حال خالی‌شدن است</b>
drain-paused = ⏸ <b>{ $name } در حال خالی‌شدن است: متوقف</b>
drain-left = ✋ <b>{ $name }: کلیدهایی مانده‌اند</b>
drain-lingering = 🕰 <b>{ $name }: همه رفته‌اند</b>
drain-drained = ✅ <b>{ $name } خالی است</b>: دیگر هیچ کلیدی آنجا کار نمی‌کند. تا بازش نکنید کلید تازه‌ای نمی‌گیرد.
drain-row-left = 🔑 { $count } کلید هنوز آنجاست
drain-row-lingering = 🕰 { $count } جای قدیمی برای کسانی که لینک تازه را نگرفته‌اند کار می‌کند، حداکثر تا { $until }
drain-row-asleep = 😴 { $count } کلید که اکنون کار نمی‌کند تا پایان یا تمدید می‌ماند
drain-finish-ask =
    ✂️ <b>کار { $name } همین حالا تمام شود؟</b>

    { $count } جای قدیمی فوراً از کار می‌افتد.
drain-finish-users = پس از جابه‌جایی { $count } نفر از آن‌ها استفاده کرده‌اند: برنامه‌هایشان تا گرفتن دوبارهٔ لینک قطع می‌ماند.
drain-finish-nothing = چیزی نیست که زودتر تمام شود.
drain-finish-kept = 🛟 { $count } جای قدیمی می‌ماند: جای تازه‌اش اکنون مشکل دارد.
drain-finish-nobody = پس از جابه‌جایی دیده نشده که کسی از آن‌ها استفاده کند.
drain-finish-sure-nobody = ‼️ مطمئنید؟ برگشت ندارد.
drain-finish-sure = ‼️ مطمئنید؟ برگشت ندارد. { $count } نفر قطع می‌شود:
drain-finish-row = 👤 { $name }
drain-finish-more = … و { $count } نفر دیگر
drain-finished = ✂️ رها شد: { $count }. اکنون حذف می‌شوند.
button-drain-look = 📈 تا کجا رسیده؟
button-drain-rest = 🚚 انتقال بقیه
button-drain-finish = ✂️ پایان فوری
button-drain-finish-yes = ✂️ بله، تمام شود

### What would be, and how long there is room

simulate-title = 🔮 <b>اگر از دست برود: { $names }</b>
simulate-nobody = کسی لازم نیست جابه‌جا شود: کلید فعالی آنجا نیست.
simulate-all-fit = ✅ { $count } کلید جابه‌جا می‌شود و همه جا دارند.
simulate-stranded = ❗️ { $count } از { $all } کلید جا پیدا نمی‌کنند و منتظر می‌مانند.
simulate-loss = 💥 { $name }: { $moved } جابه‌جا، { $stranded } در انتظار
simulate-target = ➡️ { $name }: { $count }
simulate-note = فقط محاسبه‌ای با اعداد همین لحظه است و چیزی تغییر نکرد. پنل‌ها تا ۹۵٪ پر می‌شوند.
simulate-unknown = پنلی به نام { $name } نمی‌شناسم.
outlook-title = 🔮 <b>اگر چه شود؟</b>
outlook-no-keys = هنوز کلیدی نیست، پس چیزی برای از دست دادن نیست.
outlook-any-one = ✅ از { $count } پنلِ دارای کلید، هر یک می‌تواند از دست برود: همه جای دیگر جا دارند.
outlook-irreplaceable = ❗️ <b>{ $count } پنل نباید از دست برود</b>، بقیه جای کافی ندارند:
outlook-irreplaceable-row = • { $name }: { $count } از { $keys } کلید منتظر می‌مانند
outlook-locations = <b>جا برای کلیدهای تازه</b>
outlook-fills = • { $region }: { $room }، با روزی { $pace } کلید تا حدود { $span } دیگر پر می‌شود
outlook-lasts = • { $region }: { $room }، پر نمی‌شود
outlook-full = • { $region }: ❗️ پر است
outlook-more = … و { $count } مورد دیگر
outlook-hint = پنلی را انتخاب کنید تا ببینید چه کسی کجا می‌رود. برای چند پنل با هم: { "\u2066" }<code>/simulate down de1 nl1</code>{ "\u2069" }

### Planned maintenance

maintenance-title = 🛠 <b>نگهداری</b>
maintenance-none = چیزی برنامه‌ریزی نشده است.
maintenance-hint = در این مدت پنل کلید تازه نمی‌گیرد، هشداری نمی‌دهد و کسی از آن منتقل نمی‌شود. پنلی را انتخاب کنید یا بنویسید: { "\u2066" }<code>/maintenance de1 22:30 2h</code>{ "\u2069" }
maintenance-row-now = 🛠 { $name }: اکنون، تا { $end }
maintenance-row = 📅 { $name }: { $start }، به مدت { $span }
maintenance-ask =
    📅 <b>{ $name }</b>: کی و چه مدت؟

    { "\u2066" }<code>22:30 2h</code>{ "\u2069" }
    { "\u2066" }<code>2026-11-22 03:00 30m</code>{ "\u2069" }
    { "\u2066" }<code>now 1h30m</code>{ "\u2069" }

    اکنون ساعت { $clock } است.
maintenance-misfit-start = ✋ شروع را نمی‌فهمم. مانند { "\u2066" }22:30{ "\u2069" } یا { "\u2066" }2026-11-22 03:00{ "\u2069" } یا { "\u2066" }now{ "\u2069" } بنویسید، سپس یک فاصله و مدت.
maintenance-misfit-no-such-time = ✋ در آن روز چنین ساعتی نیست: ساعت‌ها جلو کشیده می‌شوند.
maintenance-misfit-past = ✋ آن زمان گذشته است.
maintenance-misfit-far = ✋ بیش از ۹۰ روز تا آن زمان مانده است.
maintenance-misfit-duration = ✋ مدت را نمی‌فهمم. مانند { "\u2066" }30m{ "\u2069" } یا { "\u2066" }2h{ "\u2069" } یا { "\u2066" }1h30m{ "\u2069" } بنویسید.
maintenance-misfit-length = ✋ مدت باید از یک دقیقه تا ۷ روز باشد.
maintenance-overlaps = ✋ نگهداری دیگری برای این پنل از { $start } تا { $end } برنامه‌ریزی شده است.
maintenance-planned = 📅 برنامه‌ریزی شد: { $name }، از { $start } تا { $end }.
maintenance-cancelled = ✅ پس گرفته شد.
maintenance-ended = ✅ پایان یافت. پنل دوباره همان است که پیش از آن بود.
maintenance-over = این پیش‌تر تمام شده است.
maintenance-news-began = 🛠 <b>{ $name }: نگهداری شروع شد</b>، تا { $end }. تا آن زمان نه کلید تازه و نه هشدار.
maintenance-news-ended = ✅ <b>{ $name }: نگهداری تمام شد.</b> دوباره مثل همیشه از آن مراقبت می‌شود.
maintenance-news-ended-early = ✅ <b>{ $name }: نگهداری زودتر تمام شد.</b> دوباره مثل همیشه از آن مراقبت می‌شود.
maintenance-news-cancelled = 📅 { $name }: نگهداری { $start } پس گرفته شد.
maintenance-news-missed = ❔ <b>{ $name }: نگهداری از دست رفت.</b> ربات تا پایان آن کار نمی‌کرد: { $end }.
button-maintenance-new = 📅 برنامه‌ریزی
button-maintenance-end = ⏹ پایان: { $name }
button-maintenance-cancel = ✖️ پس گرفتن: { $name }، { $clock }

### مقایسهٔ پنل‌ها با پایگاه داده

claim-looking = 🔎 یک کلید می‌بینم. از پنل‌ها می‌پرسم مال کیست …
claim-yours =
    ✅ <b>این کلید از حالا مال شماست</b>

    همان‌طور که هست به کارش ادامه می‌دهد. از این پس مراقبش هستم: روزها و حجم آن را اینجا می‌بینید و اگر کار نکرد همین‌جا بگویید.
    پیامتان را پاک کردم، چون هر کس چنین پیوندی را ببیند می‌تواند از آن استفاده کند.
claim-already = 👍 این کلید از قبل مال شماست.
claim-unknown = 🤷 این کلید را نمی‌شناسم. لطفاً ببینید کامل فرستاده باشید، یا به ما پیام دهید.
claim-later = ⏳ الان نمی‌توانم این کلید را بررسی کنم. لطفاً چند دقیقهٔ دیگر دوباره بفرستید.
claim-often = ✋ تلاش‌ها زیاد شد. لطفاً یک ساعت دیگر دوباره امتحان کنید.
button-adopt-go = 📥 تحویل گرفتن موارد قطعی
adopt-which =
    📥 <b>حساب‌هایی که از قبل روی پنل هستند</b>

    کدام پنل؟ روی آن هیچ چیز تغییر نمی‌کند.
adopt-title = 📥 حساب‌های <b>{ $name }</b>
adopt-take = ✅ با صاحب قطعی: { $count }
adopt-strangers = ▫️ از این میان، ناآشنا برای ربات: { $count }
adopt-doubtful = ❔ فقط یک عدد، و ربات چنین کسی را نمی‌شناسد: { $count }
adopt-unclear = ❔ با چند عدد: { $count }
adopt-nobodys = ▫️ بدون نشانی از صاحب: { $count }
adopt-keys = 🔑 از قبل کلید شده‌اند: { $count }
adopt-marked = 🚫 با نشان کاروانی دیگر: { $count }
adopt-more = … و { $count } مورد دیگر
adopt-explained = فقط گروه اول تحویل گرفته می‌شود. روی پنل چیزی تغییر نمی‌کند و محدودیت‌ها را همچنان خود پنل تعیین می‌کند.
adopt-done = ✅ تحویل گرفته شد: { $count }
adopt-unread = 🔌 پنل خوانده نمی‌شود: { $problem }
backup-parcel =
    💾 <b>پشتیبان { $when }</b>
    { $rows } ردیف، { $size }. فقط با { "\u2066" }SECRET_KEY{ "\u2069" } شما باز می‌شود.
button-hold-look = 🔎 چه خواهد شد؟
button-hold-go = ▶️ ادامه، بدون پیام‌های قدیمی
button-hold-send = ✉️ ادامه، با ارسال پیام‌های قدیمی
hold-held =
    ✋ <b>همه چیز متوقف است</b>، از { $when }

    پایگاه داده از پشتیبان بازگردانده شده است. تا وقتی یکی از شما اجازه ندهد، نه چیزی روی پنل‌ها نوشته می‌شود و نه پیامی برای کاربران فرستاده می‌شود.
hold-title =
    ✋ <b>همه چیز متوقف است</b>، از { $when }

    پشتیبان مربوط به { $made } است. اگر کار ادامه یابد:
hold-operations = ▫️ { $what }: { $count }
hold-kind-issue = ساخت کلیدها
hold-kind-move = انتقال کلیدها به پنل دیگر
hold-kind-rotate = بازنشانی کلیدها
hold-kind-sync = اعمال تغییرات روی پنل‌ها
hold-kind-revoke = لغو کلیدها
hold-tombstones = ▫️ حذف حساب‌ها از پنل‌ها، اگر هنوز باشند: { $count }
hold-messages = ✉️ پیام‌هایی که در پشتیبان منتظر ارسال بودند: { $count }
hold-updates = 📥 درخواست‌هایی که در پشتیبان منتظر بودند: { $count }
hold-panel = ▫️ <b>{ $id }</b>: از { $expected } حساب { $missing } حساب نیست، { $newer } حساب جدیدتر از پشتیبان است
hold-panel-silent = 🔌 <b>{ $id }</b> پاسخ نمی‌دهد؛ بعداً مقایسه می‌شود
hold-explained = به حساب‌های جدیدتر از پشتیبان دست زده نمی‌شود. پیام‌ها و درخواست‌های داخل پشتیبان به احتمال زیاد پیش از این فرستاده و انجام شده‌اند: اگر لازم نیست، بدون آن‌ها ادامه دهید.
hold-nothing = ✅ چیزی متوقف نیست.
hold-reading = ⏳ پنل‌ها خوانده می‌شوند …
hold-released = ▶️ کار ادامه می‌یابد.
button-reconcile-go = ▶️ درستش کن
button-reconcile-look = 🔎 مقایسه کن
button-reconcile-make-again = ➕ گم‌شده‌ها را دوباره بساز
button-reconcile-restored = ⏪ پنل بازگردانی شده: همه را درست کن
button-reconcile-wrong-panel = 🚫 پنل اشتباه است: دست نزن
button-reconcile-take-over = 📥 همین‌طور بماند
button-reconcile-put-back = ↩️ به حالت قبل برگردان
reconcile-which =
    🧮 <b>مقایسهٔ یک پنل با پایگاه داده</b>

    کدام پنل؟ پیش از هر تغییری تفاوت‌ها را می‌بینید.
reconcile-title = 🧮 <b>{ $name }</b> و پایگاه داده
reconcile-clean = ✅ همه چیز همان‌طور است که باید باشد. حساب‌ها: { $count }
reconcile-create = ➕ گم شده‌اند و دوباره ساخته می‌شوند: { $count }
reconcile-repair = 🔧 روی پنل تغییر کرده‌اند و درست می‌شوند: { $count }
reconcile-take-over = 📥 روی پنلی که تصمیم با آن است تغییر کرده‌اند و پذیرفته می‌شوند: { $count }
reconcile-delete = 🧹 اضافی‌اند و پاک می‌شوند: { $count }
reconcile-wait = ⏳ اضافی‌اند و کم‌کم بعداً پاک می‌شوند: { $count }
reconcile-forget = 🗂 از جابه‌جایی‌ها مانده بودند و دیگر نیستند: { $count }
reconcile-unmarked = ❔ نامشان شبیه ماست ولی نشان ما را ندارند: { $count }. به آن‌ها دست نمی‌زنیم.
reconcile-missing =
    ❗️ <b>گم شده: { $count } حساب از { $of }.</b> این برای یک اتفاق زیاد است؛ پس تا وقتی تصمیم نگیرید روی این پنل چیزی تغییر نمی‌کند:
    • اشتباهی خالی شده؟ گم‌شده‌ها را دوباره بسازید: همان کلیدها، همان لینک‌ها.
    • از نسخهٔ پشتیبان برگردانده شده؟ گم‌شده‌ها ساخته و تفاوت‌ها درست می‌شوند.
    • پنل دیگری است؟ پس کلید تازه نمی‌گیرد و به آن دست نمی‌زنیم.
reconcile-favour =
    🎁 <b>کسی بیش از آنچه فروخته شده داده است: { $count }</b> (پایان دیرتر، ترافیک بیشتر یا دوباره فعال). تا تصمیم شما همین‌طور می‌ماند: بماند یا برگردد.
reconcile-twice =
    👥 <b>مدیریت دوگانه: { $count } حساب</b> نشان Karvan دیگری یا پنل دیگری از همین یکی را دارند. به آن‌ها دست نمی‌زنیم. پنل را از یکی از دو جا حذف کنید.
reconcile-newer =
    ⏮ <b>ناشناس: { $count } حساب</b> نشان ما را دارند ولی این پایگاه داده آن‌ها را نساخته است. شاید نسخه‌ای قدیمی است؟ به آن‌ها دست نمی‌زنیم.
reconcile-observed = 👁 این پنل فقط زیر نظر است؛ پس چیزی تغییر نمی‌کند.
reconcile-not-well = 🌧 حال این پنل خوب نیست؛ پس اکنون چیزی تغییر نمی‌کند.
reconcile-alone = 🚫 گفتید که این پنل اشتباه است: تا پاسخ دیگری ندهید یا دوباره کلید تازه نگیرد چیزی تغییر نمی‌کند.
reconcile-held = ✋ اکنون چیزی خودبه‌خود تغییر نمی‌کند: { "\u2066" }/health{ "\u2069" } را ببینید
reconcile-acted = ✅ آغاز شد: { $count }. کمی زمان می‌برد.
reconcile-taken-over = ✅ ماند: { $count }
reconcile-left-alone = 🚫 آنجا کلید تازه‌ای ساخته نمی‌شود و به آن دست نمی‌زنیم.
reconcile-unread = 🔌 پنل خوانده نمی‌شود: { $problem }
reconcile-reading = ⏳ همهٔ حساب‌های پنل خوانده می‌شوند…

### روند رشد

stats-title = 📊 <b>{ $days } روز گذشته</b>
stats-people = 👥 { $count } نفر
stats-blocked = { $people }؛ { $blocked } نفر ربات را مسدود کرده‌اند
stats-keys = 🔑 { $count } کلید فعال
stats-new = 🟦 کلیدهای تازه: { $count }
stats-traffic = 🟩 ترافیک: { $size }
stats-traffic-unknown = 🟩 ترافیک هنوز معلوم نیست؛ از این پس ساعت‌به‌ساعت شمرده می‌شود.
stats-traffic-partly = فقط ساعت‌هایی شمرده می‌شود که بی‌وقفه زیر نظر بوده‌اند؛ { $days } روز از { $of } روز چنین ساعت‌هایی داشت.
stats-regions = <b>کلیدهای فعال به تفکیک مکان</b>
stats-panels = <b>به تفکیک پنل</b>
stats-row = { $name }: { $count } ({ $share })
stats-more = و { $count } مورد دیگر: { $keys }
stats-nothing = 📊 هنوز چیزی برای نمایش نیست. همین که کلیدی ساخته شود، شمار کلیدها، جایشان و ترافیک را اینجا می‌بینید.
button-stats-days = { $count } روز
button-stats-days-now = ✅ { $count } روز

### پیام به همه

broadcast-whom =
    📣 <b>پیام همگانی</b>

    برای چه کسانی؟ کسانی که ربات را مسدود کرده‌اند یا رد شده‌اند حساب نمی‌شوند.
broadcast-which-region = 📣 دارندگان کلید در کدام مکان؟
broadcast-which-panel = 📣 دارندگان کلید روی کدام پنل؟
broadcast-everybody = همه
broadcast-with-key = دارندگان کلید فعال
broadcast-without-key = بدون کلید فعال
broadcast-in-region = دارندگان کلید در { $location }
broadcast-on-panel = دارندگان کلید روی { $name }
broadcast-ask =
    ✍️ <b>پیام را بنویسید</b>

    برای { $count } نفر ({ $audience }) فرستاده می‌شود. متن پررنگ، پیوند، نقل‌قول و بقیهٔ قالب‌بندی همان‌طور می‌ماند. پیش از ارسال آن را می‌بینید.
broadcast-nobody = 🤷 کسی برای نوشتن نیست: { $audience }.
broadcast-only-text = ✋ فقط متن فرستاده می‌شود، نه تصویر، پرونده یا پیام صوتی.
broadcast-too-long = ✋ متن بلند است: { $length } نویسه از حداکثر { $most }. لطفاً کوتاهش کنید.
broadcast-refused = ✋ تلگرام این پیام را به این شکل نمی‌پذیرد. با قالب‌بندی ساده‌تری بنویسید.
broadcast-preview =
    👆 <b>مردم این را می‌بینند.</b>

    برای { $count } نفر ({ $audience }) فرستاده می‌شود. متن دیگری می‌خواهید؟ همان را بفرستید.
broadcast-started = 📣 <b>ارسال آغاز شد.</b> پیام پایین پیشرفت را نشان می‌دهد.
broadcast-cancelled = چیزی فرستاده نشد.
broadcast-over = 🔁 این پرسش کهنه شده و چیزی فرستاده نشد. از نو شروع کنید.
broadcast-ended = این ارسال پیش‌تر پایان یافته است.
broadcast-running = 📣 <b>پیام همگانی: در حال ارسال</b>
broadcast-stopped = ⏹ <b>پیام همگانی: متوقف شد</b>
broadcast-done = ✅ <b>پیام همگانی: فرستاده شد</b>
broadcast-bar =
    { $bar } { $percent }
    { $sent } از { $total } نفر دریافت کردند
broadcast-blocked = 🚫 { $count } نفر ربات را مسدود کرده یا از تلگرام رفته‌اند
broadcast-failed = ⚠️ تلگرام { $count } پیام را نپذیرفت
broadcast-left = ⏹ { $count } نفر دیگر دریافت نمی‌کنند
broadcast-recent = <b>به‌تازگی</b>
broadcast-recent-row = { $when }: { $audience }، { $sent } از { $total }
button-broadcast-group = 👥 { $name }: { $count }
button-broadcast-region = 📍 یک مکان
button-broadcast-panel = 🖥 یک پنل
button-broadcast-send = 📣 ارسال به { $count } نفر
button-broadcast-rewrite = ✏️ نوشتن دوباره
button-admin-broadcast = 📣 پیام همگانی

### Invitations

invite-list = 💌 <b>دعوت‌نامه‌ها</b>
invite-none = 💌 هنوز دعوت‌نامه‌ای نیست.
invite-row = { $code } · { $used } از { $uses } استفاده شده · { $limits }
invite-row-revoked = { $code } · لغو شده
invite-row-expired = { $code } · تمام شده
invite-limits = { $days }، { $traffic }
invite-limits-default = مثل همیشه
invite-ask-uses = 💌 برای چند نفر؟
invite-ask-days = 💌 کلیدهایشان چه مدت کار کند؟
invite-ask-traffic = 💌 چقدر حجم داشته باشند؟
invite-made =
    💌 <b>دعوت‌نامه آماده است.</b> این لینک را بفرستید:
    { $link }

    یا کد: { $code }
    برای { $uses } نفر: { $limits }
invite-revoked = 🗑 دعوت‌نامه لغو شد.
invite-revoked-before = از قبل نبود.

### Why a key is where it is

why-ask = 💡 کلید چه کسی؟ شناسه یا @نام را بفرستید.
why-choose = 💡 کدام کلید؟
why-placed = 💡 <b>کلید { $number }</b> از { $date } روی { $name } است.
why-nowhere = 💡 <b>کلید { $number }</b> هنوز جایی نیست.
why-reason = <b>چرا آنجا</b>
why-now = <b>الان کدام انتخاب می‌شد</b>
why-reason-unknown = دلیلش نگه داشته نشده.
why-reason-asked = همین پنل به نام خواسته شده بود.
why-reason-evened-out = برای یکسان کردن بار از { $from } به اینجا آمده است.
why-reason-stays = کلید سر جایش ماند و فقط لینکش تازه شد.
why-reason-forced = مدیر بر آن اصرار کرد.
why-reason-least = از میان پنل‌هایی که می‌توانستند کلید را بگیرند، کم‌بارترین بود:
why-step-beyond-spill = همهٔ پنل‌ها تقریباً پر بودند، پس تا سقف پر شدند.
why-step-off-turn = فقط پنل‌های نصفه‌نیمه مانده بودند.
why-step-beyond-ramp = فقط پنل‌هایی مانده بودند که تازه برگشته بودند.
why-step-suspect = فقط پنل‌های مشکوک مانده بودند.
why-candidate-chosen = ✅ <b>{ $name }</b>: { $taken } از { $cap }، بار { $load }
why-candidate = ▫️ { $name }: { $taken } از { $cap }، بار { $load }
why-candidate-out = ✖️ { $name }: { $taken } از { $cap }، { $reason }
why-refused = آن موقع کنار رفتند: { $reasons }
why-refused-row = { $reason } ({ $count })
why-out-full = پر است
why-out-unknown = چنین پنلی نیست
why-out-observed = فقط نگاه می‌شود
why-out-closed = کلید تازه نمی‌گیرد
why-out-tag = برچسب لازم را ندارد
why-out-protocol = پروتکل لازم را ندارد
why-out-excluded = الان برای این کلید نمی‌شود
why-out-ramping = تازه برگشته و کم‌کم پر می‌شود
why-out-degraded = نصفه‌نیمه کار می‌کند و یکی‌درمیان کلید می‌گیرد
why-out-suspect = مشکوک است
why-out-provider = همان شرکت میزبان
why-out-health = الان سالم نیست
why-out-region = مکان دیگری است
why-out-tier = نوبتش دیرتر است
why-none = الان هیچ پنلی نمی‌گیرد؛ باید صبر کند.

### The record

audit-title = 📜 <b>چه کسی چه کرد</b>
audit-none = 📜 هنوز چیزی نیست.
audit-row = { $when } · { $who } · { $what } · { $subject }
audit-instance-added = پنل اضافه شد
audit-instance-edited = پنل تغییر کرد
audit-panel-open = پنل برای کلید تازه باز شد
audit-panel-cordoned = پنل برای کلید تازه بسته شد
audit-panel-maintenance = پنل به حالت تعمیر رفت
audit-instance-removed = پنل حذف شد
audit-key-extended = زمان یا حجم کلید بیشتر شد
audit-key-suspended = کلید متوقف شد
audit-key-resumed = کلید دوباره فعال شد
audit-key-revoked = کلید پس گرفته شد
audit-key-traffic = حجم کلید صفر شد
audit-key-given = کلید داده شد
audit-key-moved = کلید جابه‌جا شد
audit-key-works = گفت کلید کار می‌کند
audit-key-fails = گفت کلید کار نمی‌کند
audit-access-granted = کسی پذیرفته شد
audit-access-denied = کسی رد شد
audit-invite-made = دعوت‌نامه ساخته شد
audit-invite-used = دعوت‌نامه استفاده شد
audit-invite-revoked = دعوت‌نامه لغو شد
audit-moves-started = انتقال کلیدها شروع شد
audit-moves-changed = انتقال متوقف، ادامه یا تمام شد
audit-rebalance-started = یکسان کردن بار شروع شد
audit-rebalance-changed = یکسان کردن بار متوقف، ادامه یا تمام شد
audit-broadcast-started = پیام همگانی فرستاده شد
audit-broadcast-stopped = پیام همگانی متوقف شد
audit-subject-broadcast = پیام شمارهٔ { $id }
audit-drain-finished = جاهای قدیمی یک پنل را رها کرد
audit-accounts-adopted = حساب‌های پنل را تحویل گرفت
audit-key-claimed = کلید قبلی خود را تحویل گرفت
audit-hold-released = اجازهٔ ادامهٔ کار داد
audit-maintenance-planned = نگهداری را برنامه‌ریزی کرد
audit-maintenance-cancelled = نگهداری را پس گرفت
audit-incident-acknowledged = پیگیر رویداد شد
audit-incident-muted = رویداد را بی‌صدا کرد
audit-incident-unmuted = رویداد را باصدا کرد
audit-subject-incident = رویداد شمارهٔ { $id }
audit-evacuation-started = همه را منتقل کرد
audit-evacuations-paused = انتقال را متوقف کرد
audit-evacuations-resumed = انتقال را ادامه داد
audit-evacuation-stopped = انتقال را زودتر تمام کرد
audit-row-bare = { $when } · { $who } · { $what }
audit-subject-panel = پنل { $id }
audit-subject-key = کلید شمارهٔ { $id }
audit-subject-moves = انتقال شمارهٔ { $id }

### Alerts

alert-instance =
    🚨 <b>{ $name }</b>: { $problem }

    کلیدهای رویش سر جایشان می‌مانند.
alert-no-room = 🪑 <b>جا تمام شد.</b> کلیدهای تازه منتظرند. بیشترین جای یک پنل را زیاد یا پنلی اضافه کنید: { "\u2066" }/nodes{ "\u2069" }
alert-no-room-in = 🪑 <b>در { $location } جا تمام شد.</b> کلیدها منتظرند. بیشترین جای یک پنل آنجا را زیاد یا پنلی اضافه کنید: { "\u2066" }/nodes{ "\u2069" }

alert-since = از { $since }
alert-lasted = از { $since }، به مدت { $span }
alert-affected = 👥 { $count } کلید درگیر است.
alert-moving =
    🚚 همه در حال انتقال به پنل‌های دیگرند:
    { $bar } { $done } از { $total }
alert-done = 🚚 { $count } کلید به پنل‌های دیگر منتقل شد.
alert-paused = ⏸ انتقال به پنل‌های دیگر فعلاً متوقف است.
alert-cancelled = 🚚 انتقال متوقف شد: { $count } کلید سر جای خود می‌ماند.
alert-acknowledged = ✋ { $who } پیگیر است (از ساعت { $clock }).
alert-muted = 🔕 { $who } تا ساعت { $clock } بی‌صدایش کرده است.
alert-today = امروز

alert-title-suspected = 🟠 { $name }: شاید مشکلی باشد
alert-title-control-down = 🟠 { $name }: پنل ساکت است، کلیدها کار می‌کنند
alert-title-unreachable = 🔴 { $name } در دسترس نیست
alert-title-down = ⛔ { $name } از کار افتاده است
alert-title-misconfigured = 🔧 { $name } ما را راه نمی‌دهد
alert-title-perhaps-blocked = 🚧 { $name }: شاید مسدود شده باشد
alert-title-blocked = 🚧 { $name } برای بعضی‌ها مسدود است
alert-title-recovering = 🔵 { $name } دوباره پاسخ می‌دهد
alert-title-recovered = ✅ { $name } دوباره کار می‌کند
alert-title-unwatched = ⚪ { $name } دیگر بررسی نمی‌شود
alert-title-panic = 🛑 { $bad } پنل از { $total } پنل هم‌زمان از کار افتاد: کسی منتقل نمی‌شود
alert-title-own-path = 🛑 به نظر می‌رسد شبکهٔ خود ما مشکل دارد: کسی منتقل نمی‌شود
alert-title-panic-left = ✅ ترمز اضطراری برداشته شد
alert-title-certificate = 📜 { $name }: تا پایان گواهی { $span } مانده است
alert-title-certificate-ended = 📜 { $name }: گواهی به پایان رسیده است
alert-title-certificate-renewed = ✅ { $name } گواهی تازه دارد
alert-title-node = 🔴 { $name }: خروجی { $node } کار نمی‌کند
alert-title-node-back = ✅ { $name }: خروجی { $node } دوباره کار می‌کند
alert-title-endpoint = 🔴 نشانی { $address } در لینک کاربران جواب نمی‌دهد
alert-title-endpoint-back = ✅ نشانی { $address } دوباره جواب می‌دهد
alert-title-capacity = 🪑 جای خالی نمانده است
alert-title-capacity-in = 🪑 { $location }: جای خالی نمانده است
alert-title-capacity-back = ✅ دوباره جا هست
alert-title-foreign-mark = 👯 { $name } را دو نفر مدیریت می‌کنند
alert-title-missing = 🕳 { $name }: حساب‌هایی گم شده‌اند
alert-title-strays = 🧹 { $name }: حساب‌های بی‌صاحب
alert-title-accounts-changed = ✏️ { $name }: کسی حساب‌های ما را تغییر داده است
alert-title-reconciled = ✅ { $name }: همهٔ حساب‌ها درست‌اند
alert-title-uneven = ⚖️ بار یکسان پخش نیست
alert-title-evening-out = ⚖️ بار در حال یکسان شدن است
alert-title-evened-out = ✅ بار یکسان شد
alert-title-links = 🔗 { $name }: شاید نشانی لینک‌ها بسته شده
alert-title-system = 🛠 { $name }: بخشی از ربات کار نمی‌کند
alert-title-hold = ⛔ همه چیز متوقف است: پایگاه داده به عقب برگشته است
alert-title-over = ✅ { $name }: تمام شد

alert-meaning-control-down = پنل به ربات پاسخ نمی‌دهد، ولی تا جایی که می‌بینیم کاربرانش وصل‌اند. کلیدهای روی آن می‌مانند و کلیدهای تازه به پنل‌های دیگر می‌روند.
alert-meaning-unreachable = نه پنل پاسخ می‌دهد و نه نشانی‌های کاربرانش، ولی هنوز معلوم نیست مشکل از آنجا باشد. کلیدها می‌مانند و کلیدهای تازه به پنل‌های دیگر می‌روند. هر چند ثانیه دوباره بررسی می‌شود.
alert-meaning-down-refused = سرور اتصال به پنل و به نشانی‌های کاربران را رد می‌کند. این چند بار بررسی شده است.
alert-meaning-down-silent = مدتی است نه پنل پاسخ می‌دهد و نه نشانی‌های کاربرانش، و شبکهٔ خود ما سالم است.
alert-meaning-misconfigured =
    { $problem }
    کلیدهای روی آن می‌مانند و کار می‌کنند، ولی نمی‌توانیم آنجا کلیدی بسازیم یا تغییر دهیم.
alert-meaning-perhaps-blocked = { $count } نفر می‌گویند کار نمی‌کند؛ خیلی بیشتر از همیشه. از اینجا سالم به نظر می‌رسد. کسی منتقل نمی‌شود.
alert-meaning-traffic-fell = فقط { $share } ترافیک همین ساعت در هفتهٔ پیش از آن گذشته است. از اینجا سالم به نظر می‌رسد. کسی منتقل نمی‌شود.
alert-meaning-blocked = کار می‌کند، ولی بعضی‌ها به آن دسترسی ندارند. کلیدهای تازه به پنل‌های دیگر می‌روند. کلیدهای روی آن می‌مانند تا شما منتقلشان کنید.
alert-meaning-recovering = پیش از گرفتن کلید تازه مدتی زیر نظر است. کسی برگردانده نمی‌شود.
alert-meaning-panic = وقتی این همه پنل با هم از کار می‌افتند، شاید مشکل از شبکهٔ خود ما یا یک حمله باشد. برای همین ترمز اضطراری کشیده شد: انتقال از پنل‌های ازکارافتاده متوقف است. لینک‌ها و بقیهٔ کارها ادامه دارند.
alert-meaning-own-path = سایت‌هایی که خودمان را با آن‌ها می‌سنجیم هم پاسخ نمی‌دهند. تا پاسخ ندهند، هیچ پنلی ازکارافتاده شمرده نمی‌شود و کسی منتقل نمی‌شود.
alert-meaning-certificate = وقتی به پایان برسد، برنامه‌ها و ربات وصل نمی‌شوند.
alert-meaning-node = پنل می‌گوید: { $message }. تا آن وقت لینک‌های این خروجی داده نمی‌شوند.
alert-meaning-endpoint = لینک‌های { $panels } به آنجا می‌روند و خود آن پنل‌ها زنده‌اند. کسی جابه‌جا نمی‌شود.
alert-meaning-capacity = { $count } کلید منتظر جای خالی است. به محض پیدا شدن جا، به ترتیب نوبت داده می‌شود.
alert-meaning-foreign-mark = { $count } حساب آنجا شبیه حساب‌های ماست، ولی نشان نصب یا پنل دیگری را دارد. به آن‌ها دست نمی‌زنیم.
alert-meaning-missing = { $count } حساب ما یکجا از پنل ناپدید شده است. آیا پنل خالی شده یا از نسخهٔ پشتیبان برگشته است؟ بدون اجازه چیزی از نو نمی‌سازیم.
alert-meaning-strays = { $count } حساب ما آنجا به هیچ کلیدی تعلق ندارد. این تعداد برای پاک کردن بی‌اجازه زیاد است.
alert-meaning-accounts-changed = روی خود پنل به { $count } حساب زمان یا ترافیک بیشتری داده شده است. همین‌طور نگه می‌داریم.
alert-meaning-evening-out = کلیدهایی که اکنون کسی از آن‌ها استفاده نمی‌کند، هر ساعت چند تا و در همان مکان منتقل می‌شوند. اگر لینک عوض شود به صاحبش خبر داده می‌شود؛ لینک قبلی مدتی کار می‌کند.
alert-meaning-uneven = پرترین و خالی‌ترین پنل { $spread } تفاوت دارند. با { $count } انتقال یکسان می‌شود. اگر لینک عوض شود به صاحبش خبر داده می‌شود؛ لینک قبلی مدتی کار می‌کند.
alert-meaning-links = در ساعت گذشته { $count } بار کلید از آن گرفته شد؛ معمولاً { $usual } بار. کلیدها کار می‌کنند، ولی خبر جابه‌جایی به کسانی که نمی‌توانند به‌روز کنند نمی‌رسد.
alert-meaning-hold = پایگاه داده کمتر از پیش می‌داند: نسخه‌ای قدیمی برگردانده شده، یا سرور جایگزینی کار را گرفته که همه چیز به آن نرسیده بود. آنچه دربارهٔ کلیدها و پنل‌ها می‌گوید شاید کهنه باشد؛ برای همین چیزی روی پنل‌ها نوشته و پیامی فرستاده نمی‌شود. کلیدها همچنان کار می‌کنند.
alert-meaning-system = چه چیزی کار نمی‌کند: { $problem }. خودبه‌خود دوباره امتحان می‌شود.

alert-asks-nothing = 👉 کاری از شما نمی‌خواهیم.
alert-asks-down = 👉 کار فوری برای شما نیست. هر وقت توانستید ببینید سرور چرا از کار افتاده است.
alert-asks-room = 👉 برای { $count } کلید جا پیدا نشد. پنلی اضافه کنید یا تعداد جاها را بیشتر کنید: { "\u2066" }/nodes{ "\u2069" }
alert-asks-evacuate = 👉 <b>لطفاً تصمیم بگیرید:</b> همه به پنل‌های دیگر منتقل شوند؟ اگر بله، دکمهٔ زیر را بزنید.
alert-asks-resume = 👉 هر وقت آماده بودید، با دکمهٔ زیر بگذارید انتقال ادامه پیدا کند.
alert-asks-control-down = 👉 ببینید سرویس پنل روی آن سرور روشن است یا نه. کسی قطع نیست.
alert-asks-unreachable = 👉 اگر می‌دانید سرور از کار افتاده، با دکمهٔ زیر همه را منتقل کنید.
alert-asks-misconfigured = 👉 نشانی، ورود و گواهی پنل را بررسی کنید: { "\u2066" }/nodes{ "\u2069" }
alert-asks-blocked = 👉 اگر می‌دانید مسدود است، با دکمهٔ زیر همه را منتقل کنید.
alert-asks-panic = 👉 آیا آن پنل‌ها واقعاً از کار افتاده‌اند؟ پس با دکمهٔ زیر ترمز را بردارید. اگر نه، صبر کنید: خودش برداشته می‌شود.
alert-asks-own-path = 👉 ببینید شبکهٔ خود این سرور کار می‌کند یا نه. ترمز خودش برداشته می‌شود.
alert-asks-certificate = 👉 گواهی را روی آن سرور تازه کنید.
alert-asks-node = 👉 ببینید خروجی چرا کار نمی‌کند: روی سرورش یا در صفحهٔ نودهای پنل.
alert-asks-endpoint = 👉 رله، فایروال یا ورودیِ پشت این نشانی را بررسی کنید. اگر دیگر برنمی‌گردد، همه را جابه‌جا کنید: { "\u2066" }/nodes{ "\u2069" }
alert-asks-capacity = 👉 پنلی اضافه کنید یا تعداد جاها را بیشتر کنید: { "\u2066" }/nodes{ "\u2069" }
alert-asks-foreign-mark = 👉 ببینید ربات دیگری یا نسخه‌ای از همین ربات با این پنل کار می‌کند یا نه. دو ربات مزاحم هم می‌شوند.
alert-asks-missing = 👉 <b>لطفاً تصمیم بگیرید:</b> از دست رفته‌اند، پنل دیگری است یا از پشتیبان برگشته؟ { "\u2066" }/reconcile{ "\u2069" } را ببینید
alert-asks-reconcile = 👉 ببینید چه کاری انجام می‌شود و بگویید بله یا نه: { "\u2066" }/reconcile{ "\u2069" }
alert-asks-uneven = 👉 نگاهی بیندازید و بگویید بله یا نه: { "\u2066" }/rebalance{ "\u2069" }
alert-asks-links = 👉 نشانی را از داخل کشور امتحان کنید. اگر بسته است، نشانی بعدی را به لینک‌های تازه بدهید: برنامه‌هایی که هنوز به‌روز می‌شوند خودشان می‌فهمند و صاحبان بقیه یک پیام می‌گیرند.
alert-asks-hold = 👉 لطفاً ببینید برای پایگاه داده چه پیش آمده است. اگر همان پایگاه درست است، تأیید کنید که کار ادامه پیدا کند.
alert-asks-system = 👉 اگر ادامه داشت، گزارش برنامه را ببینید.

alert-line = { "\u2066" }<code>{ $clock }</code>{ "\u2069" } { $words }
alert-line-more = … و { $count } مورد دیگر
alert-line-suspected = یک بررسی ناموفق بود
alert-line-control-down = پنل ساکت، کلیدها برقرار
alert-line-unreachable = هیچ چیز پاسخ نمی‌دهد
alert-line-down-refused = از کار افتاد: اتصال رد می‌شود
alert-line-down-silent = از کار افتاد: هیچ پاسخی نیست
alert-line-misconfigured = ما را راه نمی‌دهد
alert-line-perhaps-blocked = { $count } نفر می‌گویند کار نمی‌کند
alert-line-traffic-fell = ترافیک به { $share } هفتهٔ پیش رسید
alert-line-blocked = برای بعضی‌ها مسدود است
alert-line-blocked-from = پنج دقیقه است که از { $vantages } در دسترس نیست، ولی از اینجا پاسخ می‌دهد: { $how }
alert-vantage-silent = آنجا پاسخی نمی‌آید
alert-vantage-refused = آنجا اتصال‌ها رد می‌شوند
alert-vantage-stalled = آنجا اتصال‌ها شروع و بعد قطع می‌شوند
alert-vantage-origin-dead = آنجا واسطهٔ جلوی آن می‌گوید پاسخ نمی‌دهد
alert-line-recovering = دوباره پاسخ می‌دهد، زیر نظر است
alert-line-recovered = دوباره کار می‌کند، پس از { $span }
alert-line-unwatched = دیگر بررسی نمی‌شود
alert-line-planned = { $count } کلید منتقل می‌شود
alert-line-planned-to = { $line }: { $targets }
alert-line-target = { $name } { $count }
alert-line-target-more = و { $count } پنل دیگر
alert-line-stranded = { $line }؛ { $count } بدون جا
alert-line-progress = { $done } از { $total } منتقل شد
alert-line-done = { $count } منتقل شد، کسی نمانده است
alert-line-done-but = { $count } منتقل شد، { $left } ماند
alert-line-paused = ترمز انتقال را متوقف کرد
alert-line-paused-by = { $who } انتقال را متوقف کرد
alert-line-resumed = انتقال ادامه دارد
alert-line-resumed-by = { $who } انتقال را ادامه داد
alert-line-cancelled = انتقال زودتر تمام شد، { $count } می‌مانند
alert-line-ask = پرسیده شد که همه منتقل شوند یا نه
alert-line-cordoned = بدون کلید تازه، به خواست { $who }
alert-line-opened = دوباره کلید تازه، به خواست { $who }
alert-line-panic = { $bad } از { $total } پنل خراب: ترمز کشیده شد
alert-line-own-path = شبکهٔ خودمان مشکوک: ترمز کشیده شد
alert-line-panic-left = ترمز برداشته شد
alert-line-panic-left-by = { $who } ترمز را برداشت
alert-line-certificate = تا پایان گواهی: { $span }
alert-line-certificate-ended = گواهی به پایان رسید
alert-line-certificate-renewed = گواهی تازه
alert-line-node = خروجی { $node } کار نمی‌کند
alert-line-node-back = خروجی { $node } دوباره کار می‌کند
alert-line-endpoint = نشانی جواب نمی‌دهد
alert-line-endpoint-back = نشانی دوباره جواب می‌دهد
alert-line-capacity = { $count } در انتظار
alert-line-capacity-back = دیگر کسی منتظر نیست
alert-line-foreign-mark = حساب با نشان دیگر: { $count }
alert-line-missing = حساب گم‌شده: { $count }
alert-line-strays = حساب بی‌صاحب: { $count }
alert-line-accounts-changed = حساب تغییریافته روی پنل: { $count }
alert-line-reconciled = همه چیز درست است
alert-line-uneven = تفاوت { $spread }
alert-line-evening-out = منتقل‌شده: { $done } از { $total }
alert-line-evened-out = یکسان شد: { $count } منتقل شد، تفاوت { $spread }
alert-line-links = { $count } بار، معمولاً { $usual }
alert-line-links-moved = { $who } نشانی { $name } را به لینک‌های تازه داد
alert-line-hold = پایگاه داده به عقب برگشت، همه چیز متوقف شد
alert-line-system = کار نمی‌کند: { $problem }
alert-line-over = تمام شد

alert-evacuate-confirm = 🚚 همه از <b>{ $name }</b> منتقل شوند؟ { $count } کلید به پنل‌های دیگر می‌رود و این پنل کلید تازه نمی‌گیرد.
alert-address-none = نشانی دیگری نیست؛ یکی به PUBLIC_URLS اضافه کنید.
alert-evacuate-empty = آنجا کسی برای انتقال نیست.
alert-acknowledged-before = کسی از پیش پیگیر آن است.
alert-nothing-changed = همین‌طور است.
alert-over = این تمام شده است.
alert-chat-lost = 📪 <b>نمی‌توان در گروه هشدارها نوشت.</b> ربات را برداشته‌اند یا موضوع پاک شده است؟ تا درست شود، هشدارها مستقیم به هر مدیر می‌رسد. ربات را برگردانید یا ALERT_CHAT_ID را عوض کنید.
alerts-title = 🚨 <b>هشدارها</b>
alerts-none = 🟢 هنوز هشداری نبوده است. همه چیز آرام است.
alerts-quiet = 🟢 اکنون همه چیز آرام است.
alerts-open = 🔴 در جریان: { $count }
alerts-closed = <b>تمام‌شده</b>

### The daily summary

summary-quiet = 🌿 <b>{ $date }</b>: همه چیز آرام. { $keys } کلید، { $panels } پنل.
summary-title = 📋 <b>یک روز گذشته، { $date }</b>
summary-keys = 🔑 کلیدها: { $keys }، تازه: { $new }، تمام‌شده: { $ended }
summary-moves = 🚚 انتقال‌ها: { $count }
summary-waiting = 🪑 منتظر جا: { $count }
summary-uptime = 📈 پنل‌ها به { $share } بررسی‌ها پاسخ دادند.
summary-incidents = 🚨 رویدادها: { $count }
summary-trouble = ⚠️ اکنون مشکل دارند:

### Keys: what their owners are told once

warn-ends-soon = ⏳ <b>{ $span } تا پایان کلید شما مانده است</b>؛ تا { $date } کار می‌کند.
warn-ended = ⌛ <b>زمان کلید شما تمام شد.</b>
warn-traffic = 📊 <b>{ $percent } ترافیک شما مصرف شده است.</b> { $left } مانده است.
warn-exhausted = 📭 <b>ترافیک شما تمام شد.</b>
warn-which = 🔑 کلید { $number }
warn-ask-soon = پیش از آن زمان بیشتری بخواهید تا بی‌وقفه ادامه پیدا کند. لازم نیست چیزی از نو تنظیم شود.
warn-ask-over = زمان بیشتری بخواهید: همین کلید دوباره کار می‌کند و لازم نیست چیزی از نو تنظیم شود.
warn-ask-traffic = وقتی تمام شود، کلید می‌ایستد. اگر لازم دارید، بیشتر بخواهید.
warn-ask-exhausted = ترافیک بیشتری بخواهید: همین کلید دوباره کار می‌کند و لازم نیست چیزی از نو تنظیم شود.

### Locations: the countries servers stand in

# A country without a name here is shown by its code.
region-ae = امارات
region-al = آلبانی
region-am = ارمنستان
region-ar = آرژانتین
region-at = اتریش
region-au = استرالیا
region-az = آذربایجان
region-ba = بوسنی و هرزگوین
region-be = بلژیک
region-bg = بلغارستان
region-bh = بحرین
region-br = برزیل
region-by = بلاروس
region-ca = کانادا
region-ch = سوئیس
region-cl = شیلی
region-cn = چین
region-co = کلمبیا
region-cy = قبرس
region-cz = چک
region-de = آلمان
region-dk = دانمارک
region-ee = استونی
region-eg = مصر
region-es = اسپانیا
region-fi = فنلاند
region-fr = فرانسه
region-gb = بریتانیا
region-ge = گرجستان
region-gr = یونان
region-hk = هنگ‌کنگ
region-hr = کرواسی
region-hu = مجارستان
region-id = اندونزی
region-ie = ایرلند
region-il = اسرائیل
region-in = هند
region-iq = عراق
region-ir = ایران
region-is = ایسلند
region-it = ایتالیا
region-jp = ژاپن
region-ke = کنیا
region-kg = قرقیزستان
region-kr = کرهٔ جنوبی
region-kw = کویت
region-kz = قزاقستان
region-lt = لیتوانی
region-lu = لوکزامبورگ
region-lv = لتونی
region-md = مولداوی
region-me = مونته‌نگرو
region-mk = مقدونیهٔ شمالی
region-mt = مالت
region-mx = مکزیک
region-my = مالزی
region-ng = نیجریه
region-nl = هلند
region-no = نروژ
region-nz = نیوزیلند
region-om = عمان
region-ph = فیلیپین
region-pk = پاکستان
region-pl = لهستان
region-pt = پرتغال
region-qa = قطر
region-ro = رومانی
region-rs = صربستان
region-ru = روسیه
region-sa = عربستان سعودی
region-se = سوئد
region-sg = سنگاپور
region-si = اسلوونی
region-sk = اسلواکی
region-th = تایلند
region-tr = ترکیه
region-tw = تایوان
region-ua = اوکراین
region-us = آمریکا
region-uz = ازبکستان
region-vn = ویتنام
region-za = آفریقای جنوبی

### The page behind a link

page-title = کلید شما
page-language = زبان
page-state-works = کلید شما کار می‌کند
page-state-trouble = سرور شما مشکل دارد
page-state-waits = کلید شما در حال آماده شدن است
page-state-suspended = کلید شما متوقف شده است
page-state-expired = مهلت کلید شما تمام شده است
page-state-exhausted = حجم کلید شما تمام شده است
page-state-revoked = این کلید دیگر کار نمی‌کند
page-do-trouble = در حال رسیدگی هستیم. برنامهٔ شما تغییر را خودش می‌گیرد؛ اگر نگرفت، اشتراک را در برنامه به‌روز کنید.
page-do-waits = به‌زودی آماده می‌شود. چند دقیقهٔ دیگر این صفحه را دوباره باز کنید.
page-do-revoked = اگر به کلید نیاز دارید، یک کلید تازه بخواهید.
page-traffic = حجم
page-left = { $amount } مانده
page-unlimited = نامحدود
page-used-of = { $used } از { $limit } مصرف شده
page-used = { $used } مصرف شده
page-term = مهلت
page-time-over = تمام شده
page-time-never = بدون تاریخ پایان
page-until = تا { $date }
page-ended = در { $date } تمام شد
page-location = مکان
page-connect = راه‌اندازی این دستگاه
page-advice = پیشنهاد ما
page-get = دریافت { $app }
page-get-elsewhere = دریافت از جای دیگر
page-add = افزودن کلید به برنامه
page-by-hand = اتفاقی نمی‌افتد؟ قدم‌به‌قدم
page-steps = قدم‌به‌قدم
page-by-hand-hint = این صفحه را در مرورگر همیشگی خود باز کنید و دکمه را دوباره بزنید، یا دستی انجام دهید:
page-other-apps = برنامه‌های دیگر برای این دستگاه
page-other-devices = دستگاه‌های دیگر
page-link = لینک شما
page-link-hint = برای هر برنامه‌ای که لینک اشتراک می‌گیرد. کلید شما هر جا برود، این لینک عوض نمی‌شود.
page-copy = کپی
page-copied = کپی شد
page-qr = کد QR برای دستگاه دیگر
page-qr-hint = آن را با برنامهٔ دستگاه دیگر اسکن کنید.
page-qr-picture = کد QR لینک شما
page-secret = این صفحه را به کسی نشان ندهید؛ هر کس نشانی آن را داشته باشد می‌تواند از کلید شما استفاده کند.
page-support = پیام به پشتیبانی
page-bot = باز کردن ربات { $bot }
page-reset = شاید دست کس دیگری افتاده باشد؟ ربات را باز کنید و { $key } ‹ { $more } ‹ { $reset } را بزنید؛ لینک قبلی همان لحظه از کار می‌افتد و دستگاه‌هایتان را با لینک تازه راه می‌اندازید.
