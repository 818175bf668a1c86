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
common-unlimited = نامحدود
common-list-separator = { "، " }
common-yes = بله
common-no = خیر

### Commands as Telegram lists them

command-start = منو
command-key = کلید من
command-help = راهنما
command-language = زبان
command-nodes = پنل‌ها: فهرست و تنظیمات
command-addnode = افزودن پنل
command-health = وضعیت پنل‌ها
command-user = پیدا کردن یک نفر و کلیدهایش
command-migrate = انتقال کلیدها به پنل دیگر
command-invite = دعوت‌نامه‌ها
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
    🛠 این ربات هنوز مدیر ندارد. اگر مال شماست، این خط را در فایل <code>.env</code> آن بگذارید و دوباره اجرایش کنید:

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
user-late = ببخشید که منتظر ماندید؛ دسترسی به تلگرام سخت شده بود. دوباره در خدمتم 👇

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

### Keys: what is told unasked

notice-moved-asked =
    ✅ <b>کلیدتان به مکان تازه رسید.</b>
    🌍 { $location }
notice-moved =
    🚚 کلیدتان را به سرور بهتری بردیم.
    🌍 { $location }
notice-moved-same-link = لینک شما همان است. کلید را در برنامه‌تان به‌روز کنید.
notice-moved-new-link = لینک شما عوض شده؛ لینک تازه را در برنامه بگذارید. لینک قبلی تا مدتی کار می‌کند.
notice-extended = 🎁 به کلید شما زمان یا حجم اضافه شد.
notice-suspended = ⏸ مدیر کلید شما را متوقف کرد.
notice-resumed = ▶️ کلید شما دوباره کار می‌کند.
notice-revoked = 🚫 مدیر این کلید را پس گرفت. دیگر کار نمی‌کند.
notice-traffic-reset = 🎁 حجم مصرفی شما دوباره از صفر حساب می‌شود.
notice-wish-failed = 😔 این کار انجام نشد. کلیدتان همان‌طور که بود مانده.
notice-wish-failed-reason = دلیل: { $reason }

### Help

help-user =
    ❓ <b>چطور کار می‌کند</b>

    1. دکمهٔ <b>⚡ گرفتن کلید</b> را بزنید.
    2. دستگاهتان را انتخاب و برنامه را نصب کنید.
    3. کلید را در برنامه بگذارید و وصل شوید.

    اگر از کار افتاد، /key را باز کنید و <b>🛟 کار نمی‌کند</b> را بزنید؛ همه‌چیز را بررسی می‌کنم و می‌گویم چه کنید.
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
help-advice = 💡 <b>چه کنیم</b>
help-advice-renew = زمان یا حجم بیشتر بخواهید. همین کلید دوباره کار می‌کند.
help-advice-refresh = <b>🔄 تازه‌سازی</b> را بزنید، بعد کلید را در برنامه به‌روز کنید و دوباره وصل شوید.
help-advice-location = مکان دیگری را امتحان کنید. بعضی مکان‌ها در بعضی شبکه‌ها بسته‌اند.
help-advice-reset = لینک را بازنشانی و دستگاه را از نو تنظیم کنید.
help-advice-app = برنامه‌تان را به آخرین نسخه به‌روز کنید.
help-advice-contact = اگر هیچ‌کدام کمک نکرد، به ما پیام بدهید: { $contact }
help-advice-contact-admin = اگر هیچ‌کدام کمک نکرد، به کسی که این ربات را به شما معرفی کرده پیام بدهید.

### Errors about keys

error-key-access = هنوز دسترسی ندارید. برای درخواست، /start را باز کنید.
error-key-too-many = شما از قبل { $limit } کلید دارید و هر نفر اینجا بیشتر از این نمی‌گیرد.
error-key-not-found = این کلید دیگر نیست. برای دیدن کلیدهایتان /key را باز کنید.
error-key-ended-suspended = این کلید متوقف است و فقط مدیر می‌تواند دوباره روشنش کند.
error-key-ended-expired = مهلت این کلید تمام شده. اول تمدید بخواهید.
error-key-ended-exhausted = حجم این کلید تمام شده. اول حجم بیشتر بخواهید.
error-key-ended-revoked = این کلید برای همیشه پس گرفته شده.
error-key-live = این کلید همین حالا کار می‌کند.
error-key-unchanged = همین‌طور است؛ چیزی برای تغییر نیست.
error-key-location = { $location } دیگر ارائه نمی‌شود. مکان دیگری انتخاب کنید.
error-key-instance = پنل { $instance } الان کلید نمی‌گیرد. یکی دیگر انتخاب کنید.
error-key-nothing-left = حجم این کلید تمام شده و نمی‌شود جابه‌جایش کرد. اول حجم بیشتر بخواهید.
error-key-busy = ⏳ همین الان کاری روی این کلید در جریان است. صبر کنید تا تمام شود.
error-key-silent = 🌧 سرور الان جواب نمی‌دهد. چند دقیقهٔ دیگر دوباره امتحان کنید؛ کلیدتان سر جایش است.

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
