### Common: sizes, spans, dates

unit-kb = { $amount } КБ
unit-mb = { $amount } МБ
unit-gb = { $amount } ГБ
unit-tb = { $amount } ТБ
unit-percent = { $amount } %
unit-milliseconds = { $count } мс
span-seconds = { $count } { $count ->
        [one] секунда
        [few] секунды
       *[many] секунд
    }
span-minutes = { $count } { $count ->
        [one] минута
        [few] минуты
       *[many] минут
    }
span-hours = { $count } { $count ->
        [one] час
        [few] часа
       *[many] часов
    }
span-days = { $count } { $count ->
        [one] день
        [few] дня
       *[many] дней
    }
ago-now = только что
ago-minutes = { $count } { $count ->
        [one] минуту
        [few] минуты
       *[many] минут
    } назад
ago-hours = { $count } { $count ->
        [one] час
        [few] часа
       *[many] часов
    } назад
ago-days = { $count } { $count ->
        [one] день
        [few] дня
       *[many] дней
    } назад
# $month is the month's number in the reader's own calendar.
date-month =
    { $month ->
        [1] янв.
        [2] февр.
        [3] мар.
        [4] апр.
        [5] мая
        [6] июн.
        [7] июл.
        [8] авг.
        [9] сент.
        [10] окт.
        [11] нояб.
       *[12] дек.
    }
date-day = { $day } { $month } { $year }
date-time = { $date }, { $clock }
common-list-separator = { ", " }

### Commands as Telegram lists them

command-start = Меню
command-key = Мой ключ
command-help = Помощь
command-language = Язык
command-nodes = Панели: список и настройки
command-addnode = Добавить панель
command-health = Как дела у панелей
command-alerts = Оповещения: что идёт и что было
command-user = Найти человека и его ключи
command-migrate = Перенести ключи на другую панель
command-drain = Освободить панель
command-simulate = Что, если панель пропадёт
command-maintenance = Плановое обслуживание
command-rebalance = Выровнять нагрузку
command-reconcile = Сверить панели с базой
command-adopt = Аккаунты, уже живущие на панели
command-restore = После восстановления: продолжить работу
command-broadcast = Рассылка
command-invite = Приглашения
command-stats = Люди, ключи, трафик: график
command-why = Почему ключ именно там
command-audit = Кто что делал

### Devices and guides

device-android = 🤖 Android
device-ios = 🍏 iPhone, iPad
device-windows = 🪟 Windows
device-macos = 💻 Mac
device-linux = 🐧 Linux
guide-device-choose = 📱 Какое устройство настроим?
guide-app =
    <b>{ $device }: { $app }</b>

    { $steps }
guide-step = { $number }. { $step }
guide-key-tap =
    Ваш ключ (нажмите, чтобы скопировать):
    { $link }
guide-apps-choose = { $device }: какое приложение? Первое советуем мы.
guide-store-missing = Нет в магазине вашей страны? Выберите ниже другое приложение.

### Buttons

button-get-key = ⚡ Получить ключ
button-my-key = 🔑 Мой ключ
button-my-keys = 🔑 Мои ключи
button-key = 🔑 Ключ { $number }
button-one-more-key = ➕ Ещё один ключ
button-setup = 📱 Настроить устройство
button-location = 🌍 Локация
button-location-automatic = ✨ Лучшая, автоматически
button-refresh = 🔄 Обновить
button-more = ⋯ Ещё
button-copy-link = 📋 Скопировать ссылку
button-broken = 🛟 Не работает
button-reset = 🔐 Сбросить ссылку
button-reset-yes = 🔐 Да, сбросить
button-links = 📄 Ключи без ссылки
button-qr = 🔳 QR-код
button-language = 🌐 Язык
button-help = ❓ Помощь
button-copy-key = 📋 Скопировать ключ
button-download = ⬇️ Скачать { $app }
button-download-other = ⬇️ Скачать иначе
button-other-apps = 🧩 Другие приложения
button-other-device = 📱 Другое устройство
button-works = 👍 Работает
button-works-not = 👎 Не работает
button-ask-access = 🙋 Попросить доступ
button-contact = 💬 Написать в поддержку
button-try-again = 🔁 Попробовать ещё раз
button-back = ‹ Назад
button-menu = 🏠 Меню
button-close = ✖️ Закрыть
button-cancel = ✖️ Отмена
button-skip = ⏭ Пропустить
button-done = ✅ Готово

### Users: greeting, menu, small answers

user-hello =
    👋 Здравствуйте, { $name }!

    До вашего ключа к открытому интернету одно нажатие.
user-hello-back = 👋 Рады видеть вас, { $name }!
user-hello-ask =
    👋 Здравствуйте, { $name }!

    Ключи здесь получают знакомые администратора. Нажмите кнопку, и он увидит вашу просьбу.
user-language-choose = 🌐 Выберите язык
user-language-changed = ✅ Теперь говорю по-русски.
user-id = Ваш id в Telegram: { $id }
user-setup-no-admins =
    🛠 У этого бота ещё нет администратора. Если бот ваш, добавьте эту строку в его файл <code>.env</code> и запустите снова:

    { $line }
user-working = ⏳ Минутку…
user-working-key =
    ⏳ Готовим ваш ключ. Это несколько секунд.

    Чат можно закрыть: ключ придёт сюда сам.
user-working-move = ⏳ Переносим ключ в новую локацию. Старая пока работает.
user-working-reset = ⏳ Делаем новую ссылку…
user-working-check = 🔎 Проверяем ваш ключ…
user-text-unknown = Лучше всего я понимаю кнопки. Вот меню 👇
user-text-long = Это сообщение слишком длинное для меня. Вот меню 👇
user-command-unknown = Такой команды я не знаю. Вот что я умею 👇
user-media-unknown = Красиво! Но я понимаю только кнопки. Вот меню 👇
user-menu-old = Это меню устарело. Вот новое 👇
user-menu-old-toast = Это меню устарело
user-button-foreign = Эта кнопка не для вас
user-slow-down = Слишком быстро! Дайте мне пару секунд.
user-private-only = Это работает только в личном чате со мной.
user-failed = 😔 Что-то сломалось у нас. Ничего не потеряно: попробуйте через минуту.

### Access: who may have a key

access-asked = ✅ Просьба у администратора. Ответ придёт сюда.
access-asked-before = ⏳ Просьба уже у администратора, ответа пока нет. Он придёт сюда.
access-granted = 🎉 Доступ открыт! До ключа одно нажатие.
access-denied = На этот раз администратор отказал. Если это ошибка, напишите ему.
access-closed = 👋 Здравствуйте! Сейчас новых людей не принимаем. Загляните позже.
access-invite-needed = 👋 Здравствуйте! Нужно приглашение. Откройте полученную ссылку или пришлите мне код из неё.
access-invite-welcome = 🎉 Добро пожаловать! До ключа одно нажатие.
access-invite-already = У вас уже есть доступ: приглашение не потрачено, отдайте его другу.
access-invite-unknown = Такого приглашения нет. Проверьте код или попросите новое.
access-invite-used-up = Это приглашение уже использовано. Попросите новое.
access-invite-expired = Это приглашение больше не действует. Попросите новое.

### Keys: the card

key-title = 🔑 <b>Ваш ключ</b>
key-title-number = 🔑 <b>Ключ { $number }</b>
key-state-live = 🟢 Работает
key-state-trouble = 🟠 У вашего сервера неполадки, мы уже занимаемся
key-state-suspended = ⏸ На паузе
key-state-expired = ⌛ Срок закончился
key-state-exhausted = 📭 Трафик закончился
key-state-revoked = 🚫 Отозван
key-busy-issue = ⏳ Готовится
key-busy-move = ⏳ Переезжает в другую локацию, пока работает
key-busy-rotate = ⏳ Получает новую ссылку
key-busy-sync = ⏳ Обновляется
key-busy-revoke = ⏳ Отзывается
key-busy-room = 🪑 Ждёт свободного места
key-location = 🌍 Локация: { $location }
key-traffic =
    📊 { $bar } { $percent }
    Использовано { $used } из { $limit }
key-traffic-unlimited = 📊 Трафик: { $used }, без ограничений
key-until = 📅 До { $date } (осталось: { $left })
key-until-over = 📅 Закончился { $date }
key-until-never = 📅 Бессрочный
key-updated = 🕓 Обновлено { $ago }
key-wanted-automatic = { $location } (выбрана автоматически)
key-ended-suspended = Администратор приостановил этот ключ. Напишите ему, если не знаете почему.
key-ended-expired = Попросите продлить: заработает тот же ключ, настраивать заново ничего не нужно.
key-ended-exhausted = Попросите добавить трафик: заработает тот же ключ, настраивать заново ничего не нужно.
key-ended-revoked = Этот ключ больше не работает.
key-list = 🔑 <b>Ваши ключи</b>
key-list-row = <b>Ключ { $number }</b> · { $location } · { $state }
key-none = У вас пока нет ключа.
key-location-none = ещё не выбрана

### Keys: from the first tap to a working one

key-ready =
    🎉 <b>Ваш ключ готов!</b>
    🌍 { $location }

    Для какого он устройства?
key-waits =
    🪑 <b>Сейчас все места заняты.</b>

    Вы в очереди. Как только освободится место, ключ придёт сюда сам.
key-waits-move =
    🪑 <b>Там сейчас нет свободных мест.</b>

    Ключ работает там, где он есть, и переедет, как только место освободится.
key-waits-elsewhere = Не хотите ждать? Здесь места есть:
key-works-question = 👋 Ну как, ключ работает?
key-works-yes = 🎉 Отлично! Если что-то изменится, я здесь.
key-location-choose =
    🌍 <b>Куда направить ваш ключ?</b>

    Ссылка останется прежней.
key-location-choose-relink =
    🌍 <b>Куда направить ваш ключ?</b>

    Для новой локации придёт новая ссылка.
key-location-choose-first = 🌍 <b>Куда направить ваш ключ?</b>
key-location-here = ✅ { $location }
key-location-full = { $location } · мест нет
key-refresh-fine = ✅ С ключом всё в порядке.
key-refresh-repaired = 🔧 Что-то было не так, мы исправили. Обновите ключ в приложении.
key-refresh-silent = 🌧 Сервер сейчас не отвечает. Мы следим за ним и поправим ключ, как только он вернётся.
key-refresh-better = 💡 Сейчас вам лучше подойдёт другая локация.
key-more =
    ⋯ <b>Ещё</b>

    <b>Сбросить ссылку</b>: если ваша ссылка попала к чужим. Все устройства придётся настроить заново.
    <b>Ключи без ссылки</b>: для приложений, которые не понимают ссылку.
    <b>QR-код</b>: показать ключ другому устройству.
key-reset-confirm =
    🔐 <b>Сделать новую ссылку?</b>

    Старая сразу перестанет работать на всех устройствах. Каждое нужно будет настроить заново.
key-reset-done =
    🔐 <b>Новая ссылка готова.</b>

    Старая больше не работает. Настройте каждое устройство заново.
key-links =
    📄 <b>Ключи без ссылки</b>

    Нажмите на ключ, чтобы скопировать. Сами они не обновляются: если один перестал работать, вернитесь за новым.
key-links-more = … и ещё { $count }
key-qr = 🔳 Отсканируйте в приложении на другом устройстве. Не показывайте никому: кто отсканирует, тот пользуется вашим ключом.
key-link-none = У ключа пока нет ссылки. Она появится, когда ключ будет готов.

### Links: what an app shows besides keys

link-contact = Напишите: { $contact }
link-preparing = Обновите этот список через несколько минут.
link-trouble = У вашего сервера неполадки, мы уже занимаемся. Обновите этот список через несколько минут.

### Keys: what is told unasked

notice-moved-asked =
    ✅ <b>Ключ в новой локации.</b>
    🌍 { $location }
notice-moved =
    🚚 Мы перенесли ваш ключ на сервер получше.
    🌍 { $location }
notice-moved-same-link = Ссылка прежняя. Обновите ключ в приложении.
notice-moved-new-link = Ссылка новая: скопируйте её в приложение. Старая ещё немного поработает.
notice-moved-new-link-only = Ссылка новая: скопируйте её в приложение.
notice-server-failed = 🚚 Ваш сервер вышел из строя, и ключ теперь обслуживает другой. Ссылка осталась прежней.
notice-update-app = Ваше приложение этого ещё не заметило. Откройте его, обновите подписку (обычно ⟳ или «Обновить») и подключитесь снова.
notice-update-app-named = { $app } этого ещё не заметило. Откройте приложение, обновите подписку (обычно ⟳ или «Обновить») и подключитесь снова.
notice-new-address =
    🔗 <b>У вашей ссылки новый адрес.</b>

    Старый, возможно, заблокирован там, где вы находитесь. Ключ прежний: скопируйте новую ссылку в приложение.
notice-extended = 🎁 Вашему ключу добавили времени или трафика.
notice-suspended = ⏸ Администратор приостановил ваш ключ.
notice-resumed = ▶️ Ваш ключ снова работает.
notice-revoked = 🚫 Администратор отозвал этот ключ. Он больше не работает.
notice-traffic-reset = 🎁 Ваш трафик снова считается с нуля.
notice-wish-failed = 😔 Сделать это не получилось. Ключ остался прежним.

### Help

help-user =
    ❓ <b>Как это устроено</b>

    1. Нажмите <b>⚡ Получить ключ</b>.
    2. Выберите устройство и установите приложение.
    3. Вставьте ключ в приложение и подключитесь.

    Если перестало работать, откройте /key и нажмите <b>🛟 Не работает</b>: я всё проверю и подскажу.
help-contact = Здесь ответит человек: { $contact }
help-check = 🔎 <b>Я проверил ваш ключ</b>
help-account-right = ✅ На сервере ключ настроен правильно
help-account-wrong = 🔧 На сервере с ключом что-то не так
help-account-unknown = ❔ Сервер сейчас не говорит, что с ключом
help-time-left = ✅ Осталось времени: { $left }
help-time-unlimited = ✅ Срок не ограничен
help-time-over = ❌ Срок закончился { $date }
help-traffic-left = ✅ Осталось трафика: { $left }
help-traffic-unlimited = ✅ Трафик: без ограничений
help-traffic-over = ❌ Трафик закончился
help-suspended = ⏸ Администратор приостановил этот ключ
help-server-well = ✅ Сервер в порядке
help-server-trouble = ⚠️ У сервера сейчас неполадки
help-online-at = 🕓 Последний раз в сети: { $ago }
help-online-never = 🕓 Ещё ни разу не использовался
help-fetched-at = 🔁 Приложение ({ $app }) загрузило ключ { $ago }
help-fetched-before = ⚠️ Приложение ({ $app }) загружало ключ { $ago }, до переезда на другой сервер
help-fetched-never = ⚠️ Ни одно приложение ещё не загружало ключ
help-advice = 💡 <b>Что делать</b>
help-advice-renew = Попросите продлить или добавить трафик. Заработает тот же ключ.
help-advice-refresh = Нажмите <b>🔄 Обновить</b>, затем обновите ключ в приложении и подключитесь снова.
help-advice-update = Обновите ключ в приложении: откройте его, обновите подписку (обычно ⟳ или «Обновить») и подключитесь снова.
help-advice-location = Попробуйте другую локацию. В некоторых сетях отдельные локации заблокированы.
help-advice-reset = Сбросьте ссылку и настройте устройство заново.
help-advice-contact = Если ничего не помогло, напишите нам: { $contact }
help-advice-contact-admin = Если ничего не помогло, напишите тому, кто дал вам этого бота.

### Errors about keys

error-key-access = У вас пока нет доступа. Откройте /start, чтобы попросить.
error-key-too-many = У вас уже { $limit } { $limit ->
        [one] ключ
        [few] ключа
       *[many] ключей
    }, больше здесь нельзя.
error-key-not-found = Этого ключа больше нет. Откройте /key, чтобы увидеть свои.
error-key-ended-suspended = Этот ключ на паузе. Включить его может только администратор.
error-key-ended-expired = Срок этого ключа закончился. Сначала попросите продлить.
error-key-ended-exhausted = Трафик этого ключа закончился. Сначала попросите добавить.
error-key-ended-revoked = Этот ключ отозван навсегда.
error-key-live = Этот ключ уже работает.
error-key-unchanged = Так уже и есть: менять нечего.
error-key-there = Ключ уже там: переносить ничего не нужно.
error-key-same-server = ✅ { $location }: ваш сервер ведёт и туда, переносить ничего не нужно. Приложения подхватят это при следующем обновлении; если какое-то не подхватило, обновите в нём подписку.
error-key-location = { $location }: этой локации больше нет. Выберите другую.
error-key-instance = Панель { $instance } сейчас не принимает ключи. Выберите другую.
error-key-nothing-left = На ключе не осталось трафика, поэтому перенести его нельзя. Сначала попросите добавить.
error-key-silent = 🌧 Сервер сейчас не отвечает. Попробуйте через несколько минут: с ключом ничего не случилось.

### Errors about panels: what to look at

error-panel-refused = По этому адресу и порту никто не отвечает. Проверьте порт и запущена ли панель.
error-panel-dns = Такое имя не найдено. Проверьте, нет ли опечатки в адресе.
error-panel-unreachable = Отсюда нет пути к этому адресу. Проверьте сеть и брандмауэр.
error-panel-timeout = Панель не ответила вовремя. Возможно, она перегружена или соединение глотает брандмауэр.
error-panel-cut = Соединение оборвалось на полпути. Попробуйте https:// вместо http:// (или наоборот) либо другой порт.
error-panel-certificate = Сертификату панели нет доверия. Если вы подписали его сами, укажите его отпечаток или свой CA в разделе «Дополнительно».
error-panel-proxy = Прокси по пути отказывает в соединении. Проверьте его адрес и логин.
error-panel-server-error = Панель сообщает о собственной ошибке. Загляните в её журнал.
error-panel-too-many = Панель просит не спешить. Мы спросим её снова сами.
error-panel-foreign = Там что-то отвечает, но это не панель. Проверьте порт и путь после него.
error-panel-garbled = Ответ не удалось прочитать. Возможно, его что-то меняет по пути.
error-panel-busy = С этой панелью сейчас слишком много работы. Попробуйте через минуту.
error-panel-unauthorised = Панель не принимает это имя или пароль.
error-panel-forbidden = У этого логина нет таких прав на панели. Дайте логин с большими правами.
error-panel-invalid = Панель поняла запрос и отказала. Возможно, её версия нам незнакома.
error-panel-conflict = Состояние аккаунта на панели этого не позволяет.
error-panel-not-found = Панель не знает такого аккаунта.
error-panel-exists = На панели уже есть другой аккаунт с таким именем.
error-panel-settings = Настройки соединения не годятся. Проверьте прокси, сертификат и заголовки в разделе «Дополнительно».
error-panel-no-inbounds = В ней нет inbound: ключи вышли бы пустыми.
error-panel-core-stopped = Панель отвечает, но её ядро не запущено: подключиться через неё нельзя.
error-panel-unknown = У панели неполадка, для которой у нас нет слов ({ $word }). Подробности в журнале.

### Admins: buttons

button-admin-add = ➕ Добавить панель
button-admin-list = 🖥 Панели
button-admin-health = 🩺 Состояние
button-admin-test = 🔎 Проверить
button-admin-test-all = 🔎 Проверить все
button-admin-edit = ✏️ Изменить
button-admin-cordon = 🚪 Без новых ключей
button-admin-open = ✅ Принимать ключи
button-admin-drain = 🚚 Перенести всех отсюда
button-admin-maintenance = 🛠 Обслуживание
button-admin-for = { $span }
button-admin-until-opened = Пока сам не открою
button-admin-people = 👥 Ключи здесь
button-admin-remove = 🗑 Удалить
button-admin-remove-yes = 🗑 Да, удалить
button-admin-sure = ‼️ Да, навсегда
button-admin-save = 💾 Сохранить
button-admin-save-anyway = 💾 Сохранить всё равно
button-admin-change-address = ✏️ Другой адрес
button-admin-change-login = ✏️ Другой логин
button-admin-advanced = ⚙️ Дополнительно
button-admin-clear = 🧹 Очистить
button-admin-approve = ✅ Пустить
button-admin-approve-with = ✅ С лимитами…
button-admin-deny = ❌ Отказать
button-admin-withdraw = 🚷 Закрыть доступ
button-admin-extend-days = +{ $count } { $count ->
        [one] день
        [few] дня
       *[many] дней
    }
button-admin-extend-gb = +{ $size }
button-admin-extend = 🎁 Добавить срок, трафик
button-admin-reset-traffic = 0️⃣ Трафик с нуля
button-admin-suspend = ⏸ Приостановить
button-admin-resume = ▶️ Возобновить
button-admin-revoke = 🚫 Отозвать
button-admin-revoke-yes = 🚫 Да, отозвать
button-admin-move = 🚚 Перенести
button-admin-why = 💡 Почему там?
button-admin-give = 🎁 Выдать ключ
button-admin-person = 👤 { $name }
button-admin-automatic = ✨ Автоматически
button-admin-start = ▶️ Начать
button-admin-pause = ⏸ Пауза
button-admin-go-on = ▶️ Продолжить
button-admin-stop = ⏹ Остановить совсем
button-admin-invite-make = ➕ Новое приглашение
button-admin-invite-revoke = 🗑 Отозвать { $code }
button-admin-uses = { $count } { $count ->
        [one] человек
        [few] человека
       *[many] человек
    }
button-admin-days = { $count } { $count ->
        [one] день
        [few] дня
       *[many] дней
    }
button-admin-unlimited = ♾ Без лимита
button-admin-default = Как обычно
button-admin-older = Раньше ›
button-admin-next = Дальше ›
button-admin-previous = ‹ Раньше
button-admin-confirm = ✅ Да
button-alert-acknowledge = ✋ Я занимаюсь
button-alert-mute = 🔕 Без звука 1 час
button-alert-unmute = 🔔 Со звуком
button-alert-evacuate = 🚚 Перенести всех сейчас
button-alert-evacuate-yes = 🚚 Да, перенести всех
button-alert-pause = ⏸ Приостановить перенос
button-alert-resume = ▶️ Продолжить перенос
button-alert-next-address = 🔀 Следующий адрес
button-alert-brake-off = ▶️ Снять тормоз
button-alerts = 🚨 Оповещения

### Admins: help

admin-help =
    🛠 <b>Для администраторов</b>

    /nodes – панели: список, настройки, без новых ключей, перенести всех
    /addnode – добавить панель
    /health – как дела у панелей и куда попадёт следующий ключ
    /alerts – оповещения: что идёт и что было
    /user – человек и его ключи: поиск по id или @имени
    /migrate – перенести ключи человека или целой панели
    /drain – освободить панель: как идёт, пауза, закончить сейчас
    /simulate – что, если панель пропадёт, и надолго ли хватит места
    /maintenance – запланировать обслуживание
    /rebalance – насколько ровна нагрузка; перенести ключи, чтобы выровнять
    /reconcile – чем панель отличается от базы
    /adopt – аккаунты, которые уже есть на панели: взять под управление
    /restore – после восстановления из копии: что произойдёт, и продолжить
    /broadcast – сообщение всем людям или части из них
    /invite – приглашения
    /stats – люди, ключи и трафик, с графиком
    /why – почему ключ именно там
    /audit – кто что делал

    Сами вы пользуетесь ботом как все: /start, /key.
admin-value-invalid =
    ✋ Так не подходит: { $reason }

    Отправьте ещё раз.
admin-reason-number = нужно целое число от { $least } до { $most }
admin-reason-weight = нужно число от 0.01 до 100, например 1 или 2.5
admin-reason-region = нужен двухбуквенный код страны, например de или nl
admin-reason-url-scheme = адрес должен начинаться с https:// или http://
admin-reason-url-unreadable = это не веб-адрес; он выглядит так: https://vpn1.example.com:8000
admin-reason-url-userinfo = уберите имя и пароль из адреса
admin-reason-long = слишком длинно; не больше { $most } { $most ->
        [one] знака
        [few] знаков
       *[many] знаков
    }
admin-reason-empty = пусто
admin-reason-id = нужно от 1 до 16 строчных букв a-z, цифр или дефисов, первой буква
admin-reason-proxy = нужен адрес прокси, например socks5://127.0.0.1:1080
admin-reason-headers = нужен один заголовок на строку в виде Имя: значение
admin-reason-fingerprint = нужен отпечаток SHA-256 из 64 шестнадцатеричных цифр
admin-reason-certificate = нужен сертификат в PEM, от BEGIN CERTIFICATE до END CERTIFICATE
admin-reason-connect-to = нужно хост:порт, например 10.0.0.5:8000
admin-reason-name = нужно имя хоста, например vpn.example.com
admin-reason-client-certificate = нужны сертификат и его закрытый ключ в PEM, друг за другом
admin-person-name = { $name } ({ $id })
admin-service = сам сервис
admin-done = ✅ Готово

### Panels: words

nodes-health-unknown = ⚪ ещё не проверена
nodes-health-healthy = 🟢 работает
nodes-health-degraded = 🟡 работает частично
nodes-health-suspect = 🟠 возможно, неполадки
nodes-health-unreachable = 🔴 не отвечает
nodes-health-control-down = 🟠 панель молчит, ключи могут работать
nodes-health-down = ⛔ не работает
nodes-health-misconfigured = 🔧 настройки не подходят
nodes-health-blocked = 🚧 заблокирована для части людей
nodes-health-recovering = 🔵 возвращается
nodes-state-open = ✅ принимает новые ключи
nodes-state-cordoned = 🚪 без новых ключей
nodes-state-maintenance = 🛠 обслуживание
nodes-state-maintenance-until = 🛠 обслуживание до { $until }
nodes-mode-observe = 👁 только наблюдаем: ключи сюда не ставим

### Panels: list and card

nodes-none = 🖥 Панелей пока нет. Добавьте первую: это минута.
nodes-list = 🖥 <b>Панели</b>: { $count }, ключей: { $keys }
nodes-row = { $icon } <b>{ $name }</b> { $flag } · { $taken } из { $cap }
nodes-row-latency = { $row } · { $latency }
nodes-row-state = { $row } · { $state }
nodes-card-title =
    🖥 <b>{ $name }</b> ({ $id })
    { $location }
nodes-card-health = { $health } · с { $since }
nodes-card-problem = ⚠️ { $problem }
nodes-card-checked = Проверена { $ago }, ответ за { $latency }
nodes-card-checked-silent = Проверена { $ago }, хорошего ответа нет
nodes-card-version = { $kind } { $version }
nodes-card-address = Адрес: { $address }
nodes-card-login = Логин: { $username }
nodes-card-room = 👥 { $bar } { $taken } из { $cap } мест
nodes-card-counts = Наших ключей: { $active }, готовятся: { $reserved }, переехали, но ещё работают: { $lingering }, чужих: { $foreign }
nodes-card-share = Очередь: { $priority }, доля: { $weight }
nodes-card-provider = Хостинг: { $provider }
nodes-card-tags = Метки: { $tags }
nodes-card-note = 📝 { $note }
nodes-exits = <b>Выходы</b>
nodes-exit-up = 🟢 { $name } · { $address }
nodes-exit-down = 🔴 { $name } · { $address }
nodes-exit-traffic = { $row } · { $traffic } за 30 дней
nodes-exit-hidden = { $row } · скрыт
nodes-exit-location = { $row } · { $location }
nodes-exit-more = … и ещё { $count }
nodes-not-found = Этой панели больше нет в списке.
nodes-keys = 👥 <b>{ $name }</b>: { $count } { $count ->
        [one] ключ
        [few] ключа
       *[many] ключей
    }
nodes-keys-none = 👥 На <b>{ $name }</b> наших ключей нет.
nodes-testing = 🔎 Спрашиваем панель…
nodes-opened = ✅ { $name } снова принимает новые ключи.
nodes-cordoned = 🚪 { $name } больше не принимает новые ключи. Те, что на ней, остаются и работают.
nodes-maintenance-choose = 🛠 Сколько продлится обслуживание { $name }? В это время новых ключей и тревог не будет. Ключи на ней останутся.
nodes-remove-confirm = 🗑 Убрать <b>{ $name }</b> из списка? Саму панель мы не тронем.
nodes-remove-sure = 🗑 Последний вопрос: <b>{ $name }</b> исчезнет из списка вместе с настройками и паролем. Точно?
nodes-removed = 🗑 { $name } убрана.
nodes-in-use = ✋ Панель ещё нужна: { $keys } { $keys ->
        [one] ключ
        [few] ключа
       *[many] ключей
    } на ней, { $leftovers } { $leftovers ->
        [one] старый аккаунт
        [few] старых аккаунта
       *[many] старых аккаунтов
    } ещё убрать. Сначала нажмите <b>🚚 Перенести всех отсюда</b>; старое со временем уберётся само.
nodes-already-there = ✋ Эта панель уже в списке, как { $id }.
nodes-id-taken = ✋ Короткое имя { $id } занято. Выберите другое.

### Panels: what a live test found

nodes-test-good = ✅ <b>Панель отвечает хорошо</b> ({ $latency })
nodes-test-bad =
    ❌ <b>Так с панелью работать не получится</b>
    { $problem }
nodes-test-version = Версия { $version }
nodes-test-users = Пользователей: { $active } активных из { $total }
nodes-test-inbounds = Входы: { $inbounds }
nodes-test-exits = Выходы: { $connected } из { $total } на связи
nodes-test-not-sudo = ℹ️ Этот логин не владелец панели: выходы и часть проверок не видны. Остальное работает.
nodes-warning-no-inbounds = ⚠️ На панели нет inbounds: ключи отсюда были бы пустыми. Сначала настройте их на панели.
nodes-warning-core-stopped = ⚠️ Ядро панели не запущено: никто не подключится. Запустите его на панели.
nodes-warning-reality-raw = ⚠️ Inbound { $tag }: REALITY с сетью "raw". Новые ключи не подключатся до перезапуска ядра. Назовите её "tcp" в настройках ядра панели.
nodes-warning-unknown-inbound = ⚠️ На панели нет inbound с именем { $tag }. Проверьте имя в разделе «Дополнительно».
nodes-warning-plain-http = ⚠️ Адрес без шифрования (http://): пароль панели идёт по сети открыто. Используйте https:// или туннель.

### Panels: editing

nodes-edit-choose = ✏️ Что изменить у <b>{ $name }</b>?
nodes-edit-ask =
    ✏️ <b>{ $field }</b>
    Сейчас: { $value }

    Отправьте новое значение.
nodes-edit-ask-secret =
    ✏️ <b>{ $field }</b>

    Отправьте новое значение. Ваше сообщение я сразу удалю.
nodes-edit-saved = 💾 Сохранено.
nodes-edit-saved-below = 💾 Сохранено. Ключей уже больше: они останутся, а новые появятся, только когда будет место.
nodes-value-none = не задано
nodes-value-set = задано
nodes-field-name = Название
nodes-field-note = Заметка
nodes-field-address = Адрес
nodes-field-username = Имя пользователя
nodes-field-password = Пароль
nodes-field-region = Локация
nodes-field-provider = Хостинг
nodes-field-tags = Метки
nodes-field-priority = Очередь (меньше – раньше)
nodes-field-weight = Доля новых ключей
nodes-field-cap = Мест, не больше
nodes-field-mode = Только наблюдать или использовать
nodes-field-proxy = Прокси до панели
nodes-field-headers = Дополнительные заголовки
nodes-field-ca = Свой центр сертификации (PEM)
nodes-field-fingerprint = Отпечаток сертификата (SHA-256)
nodes-field-connect-to = Соединяться с хост:порт
nodes-field-sni = Имя для TLS (SNI)
nodes-field-client-certificate = Предъявляемый сертификат с ключом (PEM)
nodes-field-inbounds = Какие inbounds выдавать
nodes-mode-choose = 👁 Ставить ключи на <b>{ $name }</b> или только наблюдать?
nodes-mode-use-label = ✅ Использовать
nodes-mode-observe-label = 👁 Только наблюдать

### Adding a panel

addnode-begin =
    ➕ <b>Новая панель</b>

    Я спрошу несколько вещей, проверю панель, и вы решите. До этого ничего не сохраняется.
addnode-address =
    <b>1.</b> Адрес панели, с портом и путём, если он есть. Например:
    <code>https://vpn1.example.com:8000</code>
addnode-region = <b>4.</b> В какой она стране? Нажмите или отправьте двухбуквенный код, например <code>de</code>.
addnode-name = <b>5.</b> Как её называть? Например: Франкфурт 1
addnode-username = <b>2.</b> Имя администратора панели.
addnode-password = <b>3.</b> Пароль. Ваше сообщение я сразу удалю, пароль храню зашифрованным.
addnode-password-kept = 🔒 Пароль получен, сообщение удалено.
addnode-password-delete-failed = 🔒 Пароль получен. Удалить ваше сообщение не вышло: удалите его сами.
addnode-cap = <b>6.</b> Сколько ключей самое большее? Нажмите или отправьте число.
addnode-review =
    ➕ <b>{ $name }</b> · { $location }
    Адрес: { $address }
    Логин: { $username }
    Мест, не больше: { $cap }
    Очередь: { $priority }, доля: { $weight }
addnode-tested-good = ✅ Проверена: работает.
addnode-tested-bad = ⚠️ Проверка не прошла. { $problem }
addnode-test-bad-next = Измените что-нибудь и проверьте снова. Или сохраните так: ключи пойдут, когда панель хорошо ответит.
addnode-save-question = Сохранить панель? Она сразу начнёт принимать ключи.
addnode-save-question-bad = Сохранить так? Ключи пойдут, когда панель хорошо ответит.
addnode-advanced =
    ⚙️ <b>Дополнительно</b>

    Большинству панелей это не нужно.
addnode-advanced-row = { $field }: { $value }
addnode-saved = 🎉 <b>{ $name }</b> в списке, как { $id }.
addnode-cancelled = Ничего не сохранено.
addnode-over = 🔁 Эта форма уже закрыта: сохранена или оставлена. Больше ничего не изменилось.

### Health: the whole fleet

health-title = 🩺 <b>Как дела у панелей</b>
health-all-well = 🟢 { $count ->
        [one] Работает
        [few] Работают
       *[many] Работают
    } { $count } { $count ->
        [one] панель
        [few] панели
       *[many] панелей
    } из { $count }.
health-some-bad = 🔴 Требуют внимания: { $bad } из { $count }.
health-row = { $health } · { $name } · { $taken } из { $cap }
health-checking = 🔎 Спрашиваю все панели…
health-checked = 🔎 Только что спросили: хорошо ответили { $good } из { $count }.
health-waiting = 🪑 { $count ->
        [one] Ждёт
        [few] Ждут
       *[many] Ждут
    } свободного места: { $count }.
health-next = ➡️ Следующий ключ попадёт на { $name }: там занято { $taken } из { $cap } мест.
health-refused = Не подошли: { $reasons }
health-next-none = 🪑 Следующему ключу придётся ждать: сейчас ни одна панель не принимает ключи.
health-row-uptime = { $row } · ⏱ { $uptime }
health-legend = ⏱ сколько из последних 24 часов панель отвечала. Нажмите на панель, чтобы увидеть о ней всё.
health-not-found = Панели { $name } нет. Все панели: /health

### Health: the service itself

system-title = ⚙️ <b>Сама служба</b>
system-version = Версия: Karvan { $version }
system-since = Работает с { $since }: { $span }
system-sqlite = База данных: SQLite, отвечает за { $took }
system-postgres = База данных: PostgreSQL, отвечает за { $took }
system-memory = Память: { $size }
system-replicas-this = Процессов: { $count } · ведущий — этот
system-replicas-another = Процессов: { $count } · ведущий — другой
system-replicas-nobody = Процессов: { $count } · ведущего сейчас нет
system-drift = ⚠️ У них разные настройки: { $names }
system-unknown = ⚠️ Работа, которую знает только более новая версия: { $count }
system-vantage = 🛰 { $name }: отчёт { $ago }
system-vantage-silent = ⚠️ Наблюдатель { $name }: последний отчёт { $ago }. Работает ли там karvan probe?
system-vantage-never = ⚪ Наблюдатель { $name } ещё не присылал отчётов
system-hold = ⛔ <b>Всё приостановлено:</b> панели не меняются и ничего не отправляется, пока администратор не подтвердит
system-queues =
    <b>Ждут</b>
    Работа с ключами: { $operations }
    Ключи без места: { $waiting }
    Сообщения к отправке: { $letters }
    Необработанные обновления: { $updates }
    Аккаунты к удалению: { $leftovers }
system-loops = <b>В фоне</b>
system-loop = ✅ { $name } · { $ago }, заняло { $took }
system-loop-next = { $row } · снова через { $span }
system-loop-running = ▶️ { $name } сейчас работает
system-loop-always = ✅ { $name } работает постоянно
system-loop-never = ⚪ { $name } ещё не запускался
system-loop-failed = ⚠️ неудач: { $count }, последняя { $ago }: { $what }
system-loop-panic = ошибка в программе, она перехвачена
button-health-system = ⚙️ Служба
button-health-refresh = 🔄 Посмотреть снова

### Health: one panel

vitals-next-check = ➡️ Всё хорошо. Следующая проверка через { $span }.
vitals-next-check-soon = ➡️ Её проверяют каждые несколько секунд.
vitals-next-first = ➡️ Начнёт принимать ключи после первых хороших проверок.
vitals-next-maintenance = ➡️ Обслуживание: без новых ключей и без тревог, пока вы её не откроете.
vitals-next-maintenance-until = ➡️ Обслуживание: без новых ключей и без тревог до { $until }.
vitals-next-confirming = ➡️ Одна проверка не удалась. Через несколько секунд станет ясно, всерьёз ли это.
vitals-next-watched = ➡️ Решается заново при каждой проверке. Никого не переносим, пока не доказано, что она мертва.
vitals-next-stay = ➡️ Ключи остаются: насколько видно, они работают. То, для чего нужна панель, подождёт.
vitals-next-leave = ➡️ Перенос всех ключей начнётся в { $at }.
vitals-next-leaving = 🚚 Всех переносим. Ещё там: { $count }.
vitals-next-paused = ⏸ Перенос приостановлен. Ещё там: { $count }.
vitals-next-brake = 🛑 Включён аварийный тормоз, поэтому само никого не переносит: /alerts
vitals-next-ask = 👉 Без вашего слова никого не переносим. Нажмите «Перенести всех отсюда».
vitals-next-off = ➡️ Отсюда само никого не переносит.
vitals-next-empty = ➡️ Наших ключей на ней нет.
vitals-next-settings = 👉 Ключи остаются. Проверьте адрес, логин и сертификат панели.
vitals-next-blocked = ➡️ Новые ключи попадают на другие панели, пока вы не снимете отметку. Ключи на ней остаются.
vitals-next-quarantine = ➡️ За ней наблюдаем; ключи снова принимает с { $at }.
vitals-next-ramp = ➡️ Понемногу снова заполняется: пока на { $percent }.
vitals-checks = <b>Проверки</b>
vitals-panel = Панель: { $found } ({ $ago })
vitals-panel-never = Панель: с запуска службы ещё не проверялась
vitals-seen-good = отвечает
vitals-seen-refused = там никто не принимает соединения
vitals-seen-silent = не отвечает вовремя
vitals-seen-broken = отвечает с ошибками, или её ядро стоит
vitals-seen-foreign = что-то отвечает, но не нам
vitals-seen-front = что-то перед ней просит подождать
vitals-seen-local = неполадки на нашем пути к ней, о панели это ничего не говорит
vitals-addresses = Адреса в ссылках пользователей:
vitals-endpoint-up = 🟢 { $address } отвечает ({ $ago })
vitals-endpoint-down = 🔴 { $address } { $problem } ({ $ago })
vitals-endpoint-unseen = ⚪ { $address } сутки не отвечал отсюда, поэтому ничего не доказывает
vitals-endpoint-new = ⚪ { $address } ещё не проверялся
vitals-endpoint-none = Адресов пользователей пока не знаем: они появятся с первыми ключами.
vitals-endpoint-refused = отклоняет соединения
vitals-endpoint-silent = не отвечает
vitals-endpoint-origin-dead = жив снаружи, но сервер за ним мёртв
vitals-outlook-reaches = 🛰 Из { $vantage } доступна с { $since }
vitals-outlook-misses = 🚧 Из { $vantage } недоступна с { $since }
vitals-certificate = 📜 Сертификат до { $date }: осталось { $span }
vitals-certificate-ended = 📜 Сертификат закончился { $date }
vitals-history = <b>Отвечала</b>: { $day } за 24 часа, { $week } за 7 дней, { $month } за 30 дней
vitals-history-none = –
vitals-latency = Отвечает в среднем за { $mean }, самое долгое { $most }
vitals-complaints = 🙋 За сутки сказали, что не работает, или сбросили ссылку: { $count } { $count ->
        [one] человек
        [few] человека
       *[many] человек
    }
vitals-checking = 🔎 Проверяю…
vitals-blocked-ask = 🚧 Отметить <b>{ $name }</b> как заблокированную для части людей? Новые ключи пойдут на другие панели, ключи на ней останутся. Узнают все админы.
vitals-blocked-done = 🚧 { $name } отмечена как заблокированная.
vitals-unblocked-done = ✅ { $name } больше не отмечена как заблокированная.

### Exits

nodes-exit-connecting = 🟠 { $name } · { $address }
nodes-exit-disabled = ⚪ { $name } · { $address } · выключен
nodes-exit-coefficient = { $row } · ×{ $times }
nodes-exit-rate = { $row } · { $rate }
nodes-exit-message = ⚠️ { $message }
exits-title = 🛰 <b>Выходы панели { $name }</b>
exits-about = Каждый, чей ключ на этой панели, может пользоваться любым её выходом. Нажмите на выход, чтобы скрыть его, подключить заново или указать, в какой стране он выходит в сеть.
exits-none = Выходов этой панели не видно: её логин не владелец панели.
exits-gone = Этого выхода больше нет.
exits-hidden = 🙈 { $exit } скрыт: его ссылок в подписках больше нет, и при размещении ключей он не учитывается.
exits-shown = 👁 { $exit } снова учитывается.
exits-reconnecting = 🔌 Панель подключается к { $exit } заново. Как получилось, покажет следующая проверка.
exits-failed = ✋ Не получилось. { $problem }
exits-location-ask = 🌍 В какой стране выходит в сеть <b>{ $exit }</b>? Выберите локацию или напишите две буквы, например <code>nl</code>.
exits-location = 🌍 Локация { $exit }: { $location }. Если там нет ни одной вашей панели, люди теперь могут выбрать эту локацию.
exits-location-unseen = 🌍 Локация { $exit }: { $location }. Выбрать её люди смогут только со своими ссылками сервиса: задайте PUBLIC_URL.
exit-links-title = 🔗 <b>Ссылки панели { $name }</b>
exit-links-about = Ссылки выхода, который не работает или скрыт, в подписки не попадают. Куда ведёт ссылка, видно по её адресу или названию; ссылка с ❔ не говорит ничего и остаётся всегда. Нажмите на ссылку, чтобы указать её выход.
exit-links-none = Ссылок пока не видно: они появятся с первым ключом на этой панели.
exit-link-unknown = ❔ { $link } · { $address }
exit-link-found = 🔗 { $link } · { $address } → { $exits }
exit-link-is = 🔗 { $link } · { $address } → { $exit } (указано вами)
exit-link-is-none = 🔗 { $link } · { $address } → ни через один выход (указано вами)
exit-link-ask = Через какой выход ведёт <b>{ $link }</b>? Это будет верно для этой ссылки у всех ключей.
exit-link-said = 💾 Сохранено. Приложения увидят это при следующем обновлении.
exit-link-gone = Этой ссылки больше нет.
exits-restart-ask = ♻️ Перезапустить ядро <b>{ $name }</b>? У всех, кто подключён через эту панель или её выходы, связь на несколько секунд прервётся. Большинство приложений подключится само.
exits-restart-sure = ‼️ Последний вопрос: на <b>{ $name }</b> { $count } { $count ->
        [one] наш ключ
        [few] наших ключа
       *[many] наших ключей
    }, и соединения оборвутся прямо сейчас. Перезапустить?
exits-restarting = ♻️ Перезапускаю…
exits-restarted = ♻️ Ядро { $name } перезапущено.
button-health-check = 🔎 Проверить сейчас
button-health-exits = 🛰 Выходы
button-health-blocked = 🚧 Отметить блокировку
button-health-unblocked = ✅ Больше не заблокирована
button-health-panel = 🖥 Панель
button-health-maintenance = 🛠 { $span }
button-exit-hide = 🙈 Скрыть
button-exit-show = 👁 Показать снова
button-exit-reconnect = 🔌 Подключить заново
button-exit-region = 🌍 Локация
button-exit-region-home = Там же, где панель: { $location }
button-exit-links = 🔗 Ссылки и выходы
button-exit-link-none = 🚫 Ни через один
button-exit-link-clear = ↩️ Как говорит адрес или название
button-exit-restart = ♻️ Перезапустить ядро
button-exit-restart-yes = ♻️ Да, перезапустить
unit-kbits = { $amount } кбит/с
unit-mbits = { $amount } Мбит/с
unit-gbits = { $amount } Гбит/с

### People and their keys, for admins

person-ask = 👤 Кого? Отправьте id или @имя либо перешлите сообщение этого человека.
person-not-found = Этого человека я не знаю. Ему нужно хотя бы раз открыть бота.
person-card =
    👤 <b>{ $name }</b>
    id: { $id }
person-username = Telegram: { $username }
person-access-none = Доступ: ещё не просил(а)
person-access-requested = Доступ: просьба без ответа
person-access-granted = Доступ: есть
person-access-denied = Доступ: отказано
person-since = С нами с { $date }, последний раз: { $ago }
person-blocked = 🚫 Заблокировал(а) бота: сообщения не доходят.
person-keys-none = Ключей нет.
person-key-row = 🔑 { $number } · { $state } · { $location } · { $used } из { $limit }
person-key-row-unlimited = 🔑 { $number } · { $state } · { $location } · { $used }, без ограничений
person-key-owner = 👤 { $name } ({ $id })
person-key-panel = 🖥 Панель: { $name } ({ $id })
person-key-panel-none = 🖥 Панель: пока нет
person-key-lingering = 🕰 Старых аккаунтов, что ещё работают: { $count }
person-extend = 🎁 Сколько добавить? Нажмите или отправьте дни (<code>30d</code>) либо гигабайты (<code>50g</code>); с минусом – убавить.
person-extend-invalid = отправьте дни, например 30d, или гигабайты, например 50g
person-revoke-confirm = 🚫 Отозвать ключ навсегда? Он сразу перестанет работать на всех устройствах.
person-revoke-sure = 🚫 Последний вопрос: вернуть ключ будет нельзя. Отозвать?
person-move-choose = 🚚 Куда перенести ключ?
person-asked = ⏳ Делается. Карточка ниже покажет ход.
person-asked-before = ⏳ Это уже делается.
person-key-gone = Этого ключа больше нет: его отозвали.
person-key-ended = Этот ключ сейчас не работает ({ $state }). Сначала верните его в работу, потом попробуйте снова.
person-key-empty = На ключе не осталось трафика, поэтому перенести его нельзя. Сначала добавьте.
person-give-choose = 🎁 Новый ключ для { $name }. На сколько?
person-give-traffic = 🎁 Сколько трафика?

### Requests for access, for admins

request-card =
    🙋 <b>{ $name }</b> просит доступ.
    id: { $id }
request-granted =
    ✅ <b>{ $name }</b>: доступ открыт.
    id: { $id }
request-denied =
    ❌ <b>{ $name }</b>: отказано.
    id: { $id }
request-limits =
    ⚙️ <b>{ $name }</b>: на какой срок и сколько трафика?
    id: { $id }
request-settled = Кто-то уже решил
request-choice = { $span } · { $size }

### Moving many keys

migrate-scope =
    🚚 <b>Перенос ключей</b>

    Чьи? Выберите панель или отправьте id или @имя человека.
migrate-target = 🚚 Из <b>{ $source }</b>. Куда?
migrate-preview =
    🚚 <b>{ $source }</b>: { $count } { $count ->
        [one] ключ переедет
        [few] ключа переедут
       *[many] ключей переедут
    }.
    Связь не прервётся: старое место работает, пока не заработает новое.
migrate-preview-target = ➡️ { $name }: { $count }
migrate-preview-stranded = 🪑 Не хватает места: { $count }. Они подождут.
migrate-preview-skipped = ⏭ Останутся: { $count }. Эти ключи сейчас не работают, или с ними уже что-то делается.
migrate-preview-closed = 🚪 { $source } больше не будет принимать новые ключи.
migrate-empty = Переносить нечего.
migrate-changed = 🔁 С тех пор кое-что изменилось. Вот новый план:
migrate-started = ▶️ <b>Перенос начался.</b> Сообщение ниже показывает ход.
migrate-over = 🔁 Этот вопрос устарел. Начните сначала.
migrate-not-found = Такой панели, ключа или человека я не знаю.
migrate-progress-running = 🚚 <b>Переносим ключи</b>
migrate-progress-paused = ⏸ <b>Перенос ключей: пауза</b>
migrate-progress-cancelled = ⏹ <b>Перенос ключей: остановлен</b>
migrate-progress-done = ✅ <b>Перенос ключей: готово</b>
migrate-progress-route = { $source } ➡️ { $target }
migrate-progress-any = несколько
migrate-progress-bar =
    { $bar } { $percent }
    Перенесено { $done } из { $total }
migrate-progress-waiting = 🪑 Ждут очереди или места: { $count }
migrate-progress-given-up = ⏭ Отменено: { $count }
migrate-progress-left = ⏱ Осталось примерно: { $span }
migrate-progress-took = ⏱ Заняло: { $span }
migrate-ended = Это уже закончилось.
migrate-recent = <b>Недавние</b>
migrate-recent-row = { $when }: { $source } ➡️ { $target }, { $done } из { $total }

### Everybody away from a panel

rebalance-title = ⚖️ <b>Нагрузка</b>
rebalance-none = Сравнивать нечего: ни в одной локации нет двух исправных открытых панелей, где примерно по 20 пользователей.
rebalance-even = ✅ { $count ->
        [one] { $count } локация ровная
        [few] { $count } локации ровные
       *[many] { $count } локаций ровные
    }: панели различаются не больше чем на { $spread }.
rebalance-more = … и ещё { $count }
rebalance-place = <b>{ $location }</b>
rebalance-place-labels = <b>{ $location }</b> · { $labels }
rebalance-panel = { $name } ({ $count })
rebalance-group =
    { $place }: панели различаются на { $spread }
    Самая пустая { $least }, самая полная { $most }
rebalance-moves = 🚚 { $count } { $count ->
        [one] перенос
        [few] переноса
       *[many] переносов
    }, и останется { $spread }; меньше чем за { $bound } не выровнять. Примерно { $span }.
rebalance-pair = { $from } ➡️ { $to }: { $count }
rebalance-pairs-more = … и ещё пар: { $count }
rebalance-stuck = ✋ Переносить нечего: это не наши пользователи или нет места.
rebalance-rules =
    { $count } { $count ->
        [one] ключ переедет
        [few] ключа переедут
       *[many] ключей переедут
    } за { $span }: не больше 1 % в час и 5 % в сутки, только те, которыми сейчас не пользуются, и никто дважды за неделю. Если ссылка меняется, владелец получит новую; старая ещё какое-то время работает.
rebalance-not-panic = 🛑 Сейчас ничего не переносится: неисправно слишком многое сразу, включён тормоз.
rebalance-not-hold = 🛑 Сейчас ничего не переносится: всё остановлено, пока админ не подтвердит.
rebalance-not-paused = 🛑 Сейчас ничего не переносится: админ остановил все переносы.
rebalance-not-evacuation = 🛑 Сейчас ничего не переносится: все уезжают с упавшей панели, это важнее.
rebalance-not-yet = 🛑 Пока ничего не переносится: только что были неполадки. Попробуйте через { $span }.
rebalance-nothing = ✅ Переносить нечего.
rebalance-open = Это уже идёт.
rebalance-changed = 🔁 Теперь переносить пришлось бы гораздо больше. Посмотрите и при желании начните снова.
rebalance-unknown = Такого выравнивания я не знаю.
rebalance-started = ▶️ <b>Началось.</b> Сообщение ниже показывает ход.
rebalance-running = ⚖️ <b>Выравниваем нагрузку</b>
rebalance-running-back = ↩️ <b>Возвращаем обратно</b>
rebalance-paused = ⏸ <b>Выравнивание нагрузки: пауза</b>
rebalance-cancelled = ⏹ <b>Выравнивание нагрузки: остановлено</b>
rebalance-done = ✅ <b>Выравнивание нагрузки: готово</b>
rebalance-since = 🗓 с { $when }
button-rebalance-run = ⚖️ Выровнять: { $count } { $count ->
        [one] перенос
        [few] переноса
       *[many] переносов
    }
button-rebalance-back = ↩️ Вернуть { $count }
button-rebalance-look = ⚖️ Нагрузка

drain-which =
    🚚 <b>Освободить панель</b>

    Какую? Новых ключей она не получит, все ключи переедут на другие панели, а старые места будут работать, пока все не успеют обновить ссылку.
drain-unknown = Панели с таким именем я не знаю.
drain-none = 🚚 <b>{ $name }</b> сейчас не освобождается.
drain-moving = 🚚 <b>{ $name } освобождается</b>
drain-paused = ⏸ <b>{ $name } освобождается: пауза</b>
drain-left = ✋ <b>{ $name }: остались ключи</b>
drain-lingering = 🕰 <b>{ $name }: все переехали</b>
drain-drained = ✅ <b>{ $name } свободна</b>: ни один ключ там больше не обслуживается. Новых она не получит, пока вы её не откроете.
drain-row-left = 🔑 Ещё там: { $count } { $count ->
        [one] ключ
        [few] ключа
       *[many] ключей
    }
drain-row-lingering = 🕰 { $count } { $count ->
        [one] старое место работает
        [few] старых места работают
       *[many] старых мест работают
    } для тех, кто ещё не обновил ссылку, самое позднее до { $until }
drain-row-asleep = 😴 { $count } { $count ->
        [one] ключ сейчас не работает и остаётся
        [few] ключа сейчас не работают и остаются
       *[many] ключей сейчас не работают и остаются
    } до окончания или продления
drain-finish-ask =
    ✂️ <b>Закончить с { $name } сейчас?</b>

    Сразу { $count ->
        [one] перестанет работать { $count } старое место
        [few] перестанут работать { $count } старых места
       *[many] перестанут работать { $count } старых мест
    }.
drain-finish-users = { $count ->
        [one] После переезда ими пользовался { $count } человек: его приложение останется без связи, пока не обновит ссылку.
        [few] После переезда ими пользовались { $count } человека: их приложения останутся без связи, пока не обновят ссылку.
       *[many] После переезда ими пользовались { $count } человек: их приложения останутся без связи, пока не обновят ссылку.
    }
drain-finish-nothing = Закончить раньше нечего.
drain-finish-kept = 🛟 { $count } { $count ->
        [one] старое место остаётся: с новым
        [few] старых места остаются: с новыми
       *[many] старых мест остаются: с новыми
    } сейчас неполадки.
drain-finish-nobody = После переезда ими никто не пользовался.
drain-finish-sure-nobody = ‼️ Точно? Вернуть это нельзя.
drain-finish-sure = { $count ->
        [one] ‼️ Точно? Вернуть это нельзя. Связь потеряет { $count } человек:
        [few] ‼️ Точно? Вернуть это нельзя. Связь потеряют { $count } человека:
       *[many] ‼️ Точно? Вернуть это нельзя. Связь потеряют { $count } человек:
    }
drain-finish-row = 👤 { $name }
drain-finish-more = … и ещё { $count }
drain-finished = ✂️ Отпущено: { $count }. Сейчас они удаляются.
button-drain-look = 📈 Как идёт?
button-drain-rest = 🚚 Перенести остальные
button-drain-finish = ✂️ Закончить сейчас
button-drain-finish-yes = ✂️ Да, закончить

### What would be, and how long there is room

simulate-title = 🔮 <b>Если пропадёт: { $names }</b>
simulate-nobody = Никому не пришлось бы переезжать: работающих ключей там нет.
simulate-all-fit = ✅ { $count ->
        [one] { $count } ключ переедет, и место есть.
        [few] { $count } ключа переедут, и всем хватит места.
       *[many] { $count } ключей переедут, и всем хватит места.
    }
simulate-stranded = ❗️ Из { $all } ключей не найдут места и будут ждать: { $count }.
simulate-loss = 💥 { $name }: переедут { $moved }, будут ждать { $stranded }
simulate-target = ➡️ { $name }: { $count }
simulate-note = Это лишь расчёт по текущим числам, ничего не изменено. Панели заполняются до 95 %.
simulate-unknown = Панели { $name } я не знаю.
outlook-title = 🔮 <b>Что, если?</b>
outlook-no-keys = Ключей ещё нет, терять нечего.
outlook-any-one = ✅ { $count ->
        [one] Панель с ключами может пропасть: всем хватит места на других.
        [few] Любая из { $count } панелей может пропасть: всем хватит места на других.
       *[many] Любая из { $count } панелей может пропасть: всем хватит места на других.
    }
outlook-irreplaceable = ❗️ { $count ->
        [one] <b>Эту панель терять нельзя</b>, на других мало места:
        [few] <b>Эти { $count } панели терять нельзя</b>, на других мало места:
       *[many] <b>Эти { $count } панелей терять нельзя</b>, на других мало места:
    }
outlook-irreplaceable-row = • { $name }: без места { $count } из { $keys }
outlook-locations = <b>Место для новых ключей</b>
outlook-fills = • { $region }: { $room }, хватит примерно на { $span } (ключей в день: { $pace })
outlook-lasts = • { $region }: { $room }, не заполняется
outlook-full = • { $region }: ❗️ мест нет
outlook-more = … и ещё { $count }
outlook-hint = Выберите панель, чтобы увидеть, кто куда переедет. Сразу несколько: <code>/simulate down de1 nl1</code>

### Planned maintenance

maintenance-title = 🛠 <b>Обслуживание</b>
maintenance-none = Ничего не запланировано.
maintenance-hint = В это время панель не получает новых ключей, не поднимает тревогу, и никого с неё не переносят. Выберите панель или напишите: <code>/maintenance de1 22:30 2h</code>
maintenance-row-now = 🛠 { $name }: сейчас, до { $end }
maintenance-row = 📅 { $name }: { $start }, продлится { $span }
maintenance-ask =
    📅 <b>{ $name }</b>: когда и надолго ли?

    <code>22:30 2h</code>
    <code>2026-11-22 03:00 30m</code>
    <code>now 1h30m</code>

    Сейчас { $clock }.
maintenance-misfit-start = ✋ Не понимаю начало. Напишите, например, 22:30, 2026-11-22 03:00 или now, затем пробел и длительность.
maintenance-misfit-no-such-time = ✋ Такого времени в тот день нет: часы переводят вперёд.
maintenance-misfit-past = ✋ Это время уже прошло.
maintenance-misfit-far = ✋ До этого больше 90 дней.
maintenance-misfit-duration = ✋ Не понимаю длительность. Напишите, например, 30m, 2h или 1h30m.
maintenance-misfit-length = ✋ Обслуживание длится от минуты до 7 дней.
maintenance-overlaps = ✋ На время с { $start } до { $end } у этой панели уже запланировано обслуживание.
maintenance-planned = 📅 Запланировано: { $name }, с { $start } до { $end }.
maintenance-cancelled = ✅ Отменено.
maintenance-ended = ✅ Закончено. Панель снова такая, как до него.
maintenance-over = Это уже закончилось.
maintenance-news-began = 🛠 <b>{ $name }: обслуживание началось</b>, до { $end }. До тех пор ни новых ключей, ни тревог.
maintenance-news-ended = ✅ <b>{ $name }: обслуживание закончилось.</b> За панелью снова следят, как обычно.
maintenance-news-ended-early = ✅ <b>{ $name }: обслуживание закончили раньше.</b> За панелью снова следят, как обычно.
maintenance-news-cancelled = 📅 { $name }: обслуживание { $start } отменено.
maintenance-news-missed = ❔ <b>{ $name }: обслуживание пропущено.</b> Бот не работал, пока оно не закончилось: { $end }.
button-maintenance-new = 📅 Запланировать
button-maintenance-end = ⏹ Закончить: { $name }
button-maintenance-cancel = ✖️ Отменить: { $name }, { $clock }

### Сверка панелей с базой

claim-looking = 🔎 Вижу ключ. Спрашиваю у панелей, чей он …
claim-yours =
    ✅ <b>Теперь это ваш ключ</b>

    Он продолжает работать как прежде. Теперь я за ним слежу: здесь видны дни и трафик, сюда же пишите, если он не работает.
    Ваше сообщение я удалил: кто видит такую ссылку, может ею пользоваться.
claim-already = 👍 Этот ключ и так ваш.
claim-unknown = 🤷 Такого ключа я не знаю. Проверьте, что отправили его целиком, или напишите нам.
claim-later = ⏳ Сейчас не получается проверить этот ключ. Отправьте его ещё раз через несколько минут.
claim-often = ✋ Слишком много попыток. Попробуйте снова через час.
button-adopt-go = 📥 Принять то, что известно точно
adopt-which =
    📥 <b>Аккаунты, которые уже есть на панели</b>

    Какая панель? На ней ничего не изменится.
adopt-title = 📥 Аккаунты на <b>{ $name }</b>
adopt-take = ✅ владелец известен точно: { $count }
adopt-strangers = ▫️ из них боту незнакомы: { $count }
adopt-doubtful = ❔ просто число, и бот такого человека не знает: { $count }
adopt-unclear = ❔ несколько чисел: { $count }
adopt-nobodys = ▫️ без указания владельца: { $count }
adopt-keys = 🔑 уже стали ключами: { $count }
adopt-marked = 🚫 с меткой другого Karvan: { $count }
adopt-more = … и ещё { $count }
adopt-explained = Принимаются только первые. На панели ничего не меняется, и сроки с лимитами по-прежнему решает она.
adopt-done = ✅ Принято: { $count }
adopt-unread = 🔌 Панель не читается: { $problem }
backup-parcel =
    💾 <b>Резервная копия от { $when }</b>
    Строк: { $rows }, размер: { $size }. Открывается только вашим SECRET_KEY.
button-hold-look = 🔎 Что произойдёт?
button-hold-go = ▶️ Продолжить без старых сообщений
button-hold-send = ✉️ Продолжить и отправить старые
hold-held =
    ✋ <b>Всё остановлено</b> с { $when }

    База восстановлена из резервной копии. Пока кто-то из вас не разрешит, на панели ничего не пишется и пользователям ничего не отправляется.
hold-title =
    ✋ <b>Всё остановлено</b> с { $when }

    Копия от { $made }. Если продолжить:
hold-operations = ▫️ { $what }: { $count }
hold-kind-issue = создание ключей
hold-kind-move = переезд ключей на другую панель
hold-kind-rotate = сброс ключей
hold-kind-sync = перенос изменений на панели
hold-kind-revoke = отзыв ключей
hold-tombstones = ▫️ удаление аккаунтов с панелей, если они ещё там: { $count }
hold-messages = ✉️ сообщения, ждавшие отправки в копии: { $count }
hold-updates = 📥 запросы людей, ждавшие в копии: { $count }
hold-panel = ▫️ <b>{ $id }</b>: не хватает { $missing } из { $expected } аккаунтов, новее копии: { $newer }
hold-panel-silent = 🔌 <b>{ $id }</b> не отвечает; сверим позже
hold-explained = Аккаунты новее копии останутся нетронутыми. Сообщения и запросы из копии, скорее всего, давно отправлены и обработаны: без нужды продолжайте без них.
hold-nothing = ✅ Ничего не остановлено.
hold-reading = ⏳ Читаю панели …
hold-released = ▶️ Всё снова работает.
button-reconcile-go = ▶️ Исправить
button-reconcile-look = 🔎 Сверить сейчас
button-reconcile-make-again = ➕ Создать пропавшие заново
button-reconcile-restored = ⏪ Панель из копии: исправить всё
button-reconcile-wrong-panel = 🚫 Не та панель: не трогать
button-reconcile-take-over = 📥 Оставить как есть
button-reconcile-put-back = ↩️ Вернуть как было
reconcile-which =
    🧮 <b>Сверить панель с базой</b>

    Какую? Сначала вы увидите различия, и только потом что-то изменится.
reconcile-title = 🧮 <b>{ $name }</b> и база
reconcile-clean = ✅ Всё как должно быть. Аккаунтов: { $count }
reconcile-create = ➕ Пропали, будут созданы заново: { $count }
reconcile-repair = 🔧 Изменены на панели, будут исправлены: { $count }
reconcile-take-over = 📥 Изменены на панели, которая ими распоряжается; будет принято: { $count }
reconcile-delete = 🧹 Лишние, будут удалены: { $count }
reconcile-wait = ⏳ Лишние, уйдут позже, понемногу: { $count }
reconcile-forget = 🗂 Оставлены при переносах и уже исчезли: { $count }
reconcile-unmarked = ❔ Названы как наши, но без нашей пометки: { $count }. Их не трогаем.
reconcile-missing =
    ❗️ <b>Пропали аккаунты: { $count } из { $of }.</b> Для случайности это слишком много, поэтому на этой панели ничего не меняется, пока вы не решите:
    • Её очистили по ошибке? Создайте пропавшие заново: ключи и ссылки те же.
    • Её восстановили из копии? Пропавшие будут созданы, отличия исправлены.
    • Это не та панель? Тогда новых ключей на ней не будет, и её не трогаем.
reconcile-favour =
    🎁 <b>Кто-то дал больше, чем было продано: { $count }</b> (срок дольше, трафика больше или снова включено). Так и останется, пока вы не решите: оставить или вернуть.
reconcile-twice =
    👥 <b>Двойное управление: { $count } аккаунтов</b> носят пометку другого Karvan или другой записи этой же панели. Их не трогаем. Уберите панель из одного из двух мест.
reconcile-newer =
    ⏮ <b>Неизвестные: { $count } аккаунтов</b> с нашей пометкой, но эта база их не создавала. Может быть, она из старой копии? Их не трогаем.
reconcile-observed = 👁 За этой панелью только наблюдаем, поэтому ничего не меняем.
reconcile-not-well = 🌧 Панель сейчас не в порядке, поэтому ничего не меняем.
reconcile-alone = 🚫 Вы сказали, что это не та панель: ничего не меняем, пока вы не ответите иначе или не разрешите на ней новые ключи.
reconcile-held = ✋ Сейчас само по себе ничего не меняется: см. /health
reconcile-acted = ✅ Начато: { $count }. Нужно немного времени.
reconcile-taken-over = ✅ Оставлено: { $count }
reconcile-left-alone = 🚫 Новых ключей там не будет, и её не трогаем.
reconcile-unread = 🔌 Панель не читается: { $problem }
reconcile-reading = ⏳ Читаю все аккаунты панели…

### Как всё растёт

stats-title = 📊 <b>Дней на графике: { $days }</b>
stats-people = 👥 Людей: { $count }
stats-blocked = { $people }, из них заблокировали бота: { $blocked }
stats-keys = 🔑 Рабочих ключей: { $count }
stats-new = 🟦 Новых ключей: { $count }
stats-traffic = 🟩 Трафик: { $size }
stats-traffic-unknown = 🟩 Трафик пока неизвестен: он считается по целым часам, начиная с этого момента.
stats-traffic-partly = Считаются только часы, за которыми следили без перерыва; дней, где такие были: { $days } из { $of }.
stats-regions = <b>Рабочие ключи по локациям</b>
stats-panels = <b>По панелям</b>
stats-row = { $name }: { $count } ({ $share })
stats-more = и ещё { $count }: { $keys }
stats-nothing = 📊 Пока показывать нечего. Как только появятся ключи, здесь будет видно, сколько их, где они и сколько трафика проходит.
button-stats-days = { $count } { $count ->
        [one] день
        [few] дня
       *[many] дней
    }
button-stats-days-now = ✅ { $count } { $count ->
        [one] день
        [few] дня
       *[many] дней
    }

### Сообщение многим людям

broadcast-whom =
    📣 <b>Рассылка</b>

    Кому отправить? Тех, кто заблокировал бота или кому отказано, не считаем.
broadcast-which-region = 📣 У кого ключ в какой локации?
broadcast-which-panel = 📣 У кого ключ на какой панели?
broadcast-everybody = всем
broadcast-with-key = у кого есть рабочий ключ
broadcast-without-key = у кого нет рабочего ключа
broadcast-in-region = у кого ключ в локации { $location }
broadcast-on-panel = у кого ключ на панели { $name }
broadcast-ask =
    ✍️ <b>Напишите сообщение</b>

    Получателей: { $count } ({ $audience }). Жирный шрифт, ссылки, цитаты и другое оформление сохранятся. Перед отправкой вы увидите, как это выглядит.
broadcast-nobody = 🤷 Писать некому: { $audience }.
broadcast-only-text = ✋ Можно отправить только текст. Картинки, файлы и голосовые сообщения не рассылаются.
broadcast-too-long = ✋ Слишком длинно: { $length } из { $most } возможных символов. Сократите, пожалуйста.
broadcast-refused = ✋ Telegram не принимает сообщение в таком виде. Напишите его с более простым оформлением.
broadcast-preview =
    👆 <b>Так это увидят люди.</b>

    Получателей: { $count } ({ $audience }). Нужен другой текст? Просто пришлите его.
broadcast-started = 📣 <b>Рассылка началась.</b> Сообщение ниже показывает, как она идёт.
broadcast-cancelled = Ничего не отправлено.
broadcast-over = 🔁 Этот вопрос устарел, ничего не отправлено. Начните заново.
broadcast-ended = Рассылка уже закончилась.
broadcast-running = 📣 <b>Рассылка: идёт</b>
broadcast-stopped = ⏹ <b>Рассылка: остановлена</b>
broadcast-done = ✅ <b>Рассылка: закончена</b>
broadcast-bar =
    { $bar } { $percent }
    Получили { $sent } из { $total }
broadcast-blocked = 🚫 Заблокировали бота или удалили аккаунт: { $count }
broadcast-failed = ⚠️ Не принято Telegram: { $count }
broadcast-left = ⏹ Уже не получат: { $count }
broadcast-recent = <b>Недавно</b>
broadcast-recent-row = { $when }: { $audience }, { $sent } из { $total }
button-broadcast-group = 👥 { $name }: { $count }
button-broadcast-region = 📍 Одна локация
button-broadcast-panel = 🖥 Одна панель
button-broadcast-send = 📣 Отправить: { $count } { $count ->
        [one] человек
        [few] человека
       *[many] человек
    }
button-broadcast-rewrite = ✏️ Написать заново
button-admin-broadcast = 📣 Рассылка

### Invitations

invite-list = 💌 <b>Приглашения</b>
invite-none = 💌 Приглашений пока нет.
invite-row = { $code } · использовано { $used } из { $uses } · { $limits }
invite-row-revoked = { $code } · отозвано
invite-row-expired = { $code } · истекло
invite-limits = { $days }, { $traffic }
invite-limits-default = как обычно
invite-ask-uses = 💌 На скольких человек?
invite-ask-days = 💌 На сколько давать ключи?
invite-ask-traffic = 💌 Сколько давать трафика?
invite-made =
    💌 <b>Приглашение готово.</b> Отправьте эту ссылку:
    { $link }

    Или код: { $code }
    На { $uses } { $uses ->
        [one] человека
        [few] человек
       *[many] человек
    }: { $limits }
invite-revoked = 🗑 Приглашение отозвано.
invite-revoked-before = Его уже не было.

### Why a key is where it is

why-ask = 💡 Чей ключ? Отправьте id или @имя.
why-choose = 💡 Какой ключ?
why-placed = 💡 <b>Ключ { $number }</b> на { $name } с { $date }.
why-nowhere = 💡 <b>Ключ { $number }</b> пока нигде.
why-reason = <b>Почему там</b>
why-now = <b>Что было бы выбрано сейчас</b>
why-reason-unknown = Причина не сохранилась.
why-reason-asked = Её выбрали по имени.
why-reason-evened-out = Перенесён сюда с { $from }, чтобы выровнять нагрузку.
why-reason-stays = Ключ остался на месте, новая только ссылка.
why-reason-forced = На ней настоял администратор.
why-reason-least = Она была наименее загружена из тех, что могли принять ключ:
why-step-beyond-spill = Все панели были почти полны, поэтому их заполняли до предела.
why-step-off-turn = Оставались только частично работающие панели.
why-step-beyond-ramp = Оставались только недавно вернувшиеся панели.
why-step-suspect = Оставались только сомнительные панели.
why-candidate-chosen = ✅ <b>{ $name }</b>: { $taken } из { $cap }, загрузка { $load }
why-candidate = ▫️ { $name }: { $taken } из { $cap }, загрузка { $load }
why-candidate-out = ✖️ { $name }: { $taken } из { $cap }, { $reason }
why-refused = Не подошли тогда: { $reasons }
why-refused-row = { $reason } ({ $count })
why-out-full = мест нет
why-out-unknown = такой панели нет
why-out-observed = только наблюдаем
why-out-closed = не принимает новые ключи
why-out-tag = нет нужной метки
why-out-protocol = нет нужного протокола
why-out-excluded = сейчас не для этого ключа
why-out-ramping = недавно вернулась, заполняется постепенно
why-out-degraded = работает частично, берёт каждый второй ключ
why-out-suspect = под сомнением
why-out-provider = тот же хостинг
why-out-health = сейчас не в порядке
why-out-region = другая локация
why-out-tier = её очередь позже
why-none = Сейчас её никто не примет: пришлось бы ждать.

### The record

audit-title = 📜 <b>Кто что делал</b>
audit-none = 📜 Пока ничего.
audit-row = { $when } · { $who } · { $what } · { $subject }
audit-instance-added = панель добавлена
audit-instance-edited = панель изменена
audit-panel-open = панель открыта для новых ключей
audit-panel-cordoned = панель закрыта для новых ключей
audit-panel-maintenance = панель на обслуживании
audit-instance-removed = панель убрана
audit-key-extended = добавлен срок или трафик ключу
audit-key-suspended = ключ приостановлен
audit-key-resumed = ключ возобновлён
audit-key-revoked = ключ отозван
audit-key-traffic = трафик ключа обнулён
audit-key-given = ключ выдан
audit-key-moved = ключ перенесён
audit-key-works = сообщение: ключ работает
audit-key-fails = сообщение: ключ не работает
audit-access-granted = доступ открыт
audit-access-denied = в доступе отказано
audit-invite-made = приглашение создано
audit-invite-used = приглашение использовано
audit-invite-revoked = приглашение отозвано
audit-moves-started = начат перенос ключей
audit-moves-changed = перенос приостановлен, продолжен или остановлен
audit-rebalance-started = начато выравнивание нагрузки
audit-rebalance-changed = выравнивание приостановлено, продолжено или остановлено
audit-broadcast-started = рассылка начата
audit-broadcast-stopped = рассылка остановлена
audit-subject-broadcast = рассылка № { $id }
audit-drain-finished = удалил старые места на панели
audit-accounts-adopted = принял аккаунты панели
audit-key-claimed = забрал себе прежний ключ
audit-hold-released = разрешил продолжить работу
audit-maintenance-planned = запланировал обслуживание
audit-maintenance-cancelled = отменил обслуживание
audit-incident-acknowledged = занимается происшествием
audit-incident-muted = убрал(а) звук у происшествия
audit-incident-unmuted = вернул(а) звук происшествию
audit-subject-incident = происшествие № { $id }
audit-evacuation-started = перенос всех с панели
audit-evacuations-paused = перенос приостановлен
audit-evacuations-resumed = перенос продолжен
audit-evacuation-stopped = перенос прекращён
audit-row-bare = { $when } · { $who } · { $what }
audit-subject-panel = панель { $id }
audit-subject-key = ключ № { $id }
audit-subject-moves = перенос № { $id }

### Alerts

alert-instance =
    🚨 <b>{ $name }</b>: { $problem }

    Ключи на ней остаются на месте.
alert-no-room = 🪑 <b>Мест больше нет.</b> Новые ключи ждут. Увеличьте число мест на панели или добавьте панель: /nodes
alert-no-room-in = 🪑 <b>{ $location }: мест больше нет.</b> Ключи ждут. Увеличьте число мест на панели там или добавьте панель: /nodes

alert-since = с { $since }
alert-lasted = с { $since }, длилось { $span }
alert-affected = 👥 Затронуто: { $count } { $count ->
        [one] ключ
        [few] ключа
       *[many] ключей
    }.
alert-moving =
    🚚 Всех переносим на другие панели:
    { $bar } { $done } из { $total }
alert-done = 🚚 На другие панели { $count ->
        [one] перенесён
        [few] перенесены
       *[many] перенесено
    } { $count } { $count ->
        [one] ключ
        [few] ключа
       *[many] ключей
    }.
alert-paused = ⏸ Перенос на другие панели приостановлен.
alert-cancelled = 🚚 Перенос остановлен: { $count } { $count ->
        [one] ключ остаётся
        [few] ключа остаются
       *[many] ключей остаются
    } на месте.
alert-acknowledged = ✋ Занимается { $who } (с { $clock }).
alert-muted = 🔕 Без звука до { $clock } (так решил(а) { $who }).
alert-today = сегодня

alert-title-suspected = 🟠 { $name }: возможно, неполадки
alert-title-control-down = 🟠 { $name }: панель молчит, ключи работают
alert-title-unreachable = 🔴 { $name }: нет связи
alert-title-down = ⛔ { $name } не работает
alert-title-misconfigured = 🔧 { $name }: нас не пускают
alert-title-perhaps-blocked = 🚧 { $name }: возможно, блокировка
alert-title-blocked = 🚧 { $name }: у части людей заблокировано
alert-title-recovering = 🔵 { $name } снова отвечает
alert-title-recovered = ✅ { $name } снова работает
alert-title-unwatched = ⚪ { $name } больше не проверяется
alert-title-panic = 🛑 Отказали сразу { $bad } из { $total } панелей: никого не переносим
alert-title-own-path = 🛑 Похоже, неполадки в нашей собственной сети: никого не переносим
alert-title-panic-left = ✅ Аварийный тормоз снят
alert-title-certificate = 📜 { $name }: до конца сертификата { $span }
alert-title-certificate-ended = 📜 { $name }: сертификат истёк
alert-title-certificate-renewed = ✅ { $name }: сертификат обновлён
alert-title-node = 🔴 { $name }: выход { $node } не работает
alert-title-node-back = ✅ { $name }: выход { $node } снова работает
alert-title-endpoint = 🔴 Адрес { $address } из ссылок пользователей не отвечает
alert-title-endpoint-back = ✅ Адрес { $address } снова отвечает
alert-title-capacity = 🪑 Мест больше нет
alert-title-capacity-in = 🪑 { $location }: мест больше нет
alert-title-capacity-back = ✅ Места снова есть
alert-title-foreign-mark = 👯 { $name }: панелью управляют двое
alert-title-missing = 🕳 { $name }: пропали учётные записи
alert-title-strays = 🧹 { $name }: лишние учётные записи
alert-title-accounts-changed = ✏️ { $name }: кто-то изменил наши учётные записи
alert-title-reconciled = ✅ { $name }: все учётные записи в порядке
alert-title-uneven = ⚖️ Нагрузка неравномерна
alert-title-evening-out = ⚖️ Нагрузка выравнивается
alert-title-evened-out = ✅ Нагрузка выровнена
alert-title-links = 🔗 { $name }: адрес ссылок, возможно, заблокирован
alert-title-system = 🛠 { $name }: часть бота не работает
alert-title-hold = ⛔ Всё приостановлено: база данных вернулась назад
alert-title-over = ✅ { $name }: всё позади

alert-meaning-control-down = Панель не отвечает боту, но её пользователи, насколько видно, не отключены. Их ключи остаются на месте, новые попадают на другие панели.
alert-meaning-unreachable = Не отвечают ни панель, ни адреса её пользователей, но пока неясно, там ли неполадка. Ключи остаются на месте, новые попадают на другие панели. Проверяем снова каждые несколько секунд.
alert-meaning-down-refused = Сервер отвергает соединения и с панелью, и с адресами пользователей. Проверено несколько раз.
alert-meaning-down-silent = Ни панель, ни адреса пользователей давно не отвечают, а наша собственная сеть в порядке.
alert-meaning-misconfigured =
    { $problem }
    Ключи на ней остаются и работают, но создавать и менять их там мы не можем.
alert-meaning-perhaps-blocked = { $count } { $count ->
        [one] человек пишет
        [few] человека пишут
       *[many] человек пишут
    }, что не работает: намного больше обычного. Отсюда всё выглядит исправным. Никого не переносим.
alert-meaning-traffic-fell = Через неё прошло лишь { $share } трафика того же часа неделю назад. Отсюда всё выглядит исправным. Никого не переносим.
alert-meaning-blocked = Она работает, но часть людей до неё не достаёт. Новые ключи попадают на другие панели. Ключи на ней остаются, пока вы их не перенесёте.
alert-meaning-recovering = Прежде чем давать ей новые ключи, понаблюдаем. Обратно никого не переносим.
alert-meaning-panic = Когда отказывает сразу столько панелей, дело может быть в нашей сети или в атаке. Поэтому включён аварийный тормоз: перенос с неработающих панелей остановлен. Ссылки и всё остальное работают.
alert-meaning-own-path = Сайты, по которым мы проверяем себя, тоже не отвечают. Пока это так, ни одна панель не считается отказавшей и никого не переносим.
alert-meaning-certificate = Когда он истечёт, приложения и бот откажутся соединяться.
alert-meaning-node = Панель сообщает: { $message }. Пока это так, ссылки через этот выход не выдаются.
alert-meaning-endpoint = Туда ведут ссылки панелей: { $panels }. Сами панели живы. Никого не переносим.
alert-meaning-capacity = { $count } { $count ->
        [one] ключ ждёт
        [few] ключа ждут
       *[many] ключей ждут
    } свободного места. Очередь пойдёт, как только место появится.
alert-meaning-foreign-mark = { $count } { $count ->
        [one] учётная запись там похожа
        [few] учётные записи там похожи
       *[many] учётных записей там похожи
    } на наши, но с чужой пометкой: другой установки или другой панели. Мы их не трогаем.
alert-meaning-missing = С панели разом пропало наших учётных записей: { $count }. Её очистили или восстановили из копии? Без вашего слова заново ничего не создаём.
alert-meaning-strays = Наших учётных записей без ключа: { $count }. Это слишком много, чтобы удалять без вашего слова.
alert-meaning-accounts-changed = { $count ->
        [one] { $count } учётной записи
        [few] { $count } учётным записям
       *[many] { $count } учётным записям
    } на самой панели добавили времени или трафика. Оставляем как есть.
alert-meaning-evening-out = Ключи, которыми сейчас никто не пользуется, переносятся понемногу каждый час в пределах своей локации. Если ссылка меняется, владелец получит новую; старая ещё какое-то время работает.
alert-meaning-uneven = Самая полная и самая пустая панели различаются на { $spread }. Выровнять можно за { $count } { $count ->
        [one] перенос
        [few] переноса
       *[many] переносов
    }. Если ссылка меняется, владелец получит новую; старая ещё какое-то время работает.
alert-meaning-links = За последний час ключи загрузили по нему { $count } раз, обычно { $usual }. Ключи работают дальше, но о переезде не узнают те, кто не может обновиться.
alert-meaning-hold = База данных знает меньше, чем раньше: вернули старую копию, или работу принял резервный сервер, до которого дошло не всё. Сведения о ключах и панелях могли устареть, поэтому панели не меняются и сообщения не отправляются. Ключи продолжают работать.
alert-meaning-system = Не работает: { $problem }. Попытки повторяются сами.

alert-asks-nothing = 👉 От вас ничего не требуется.
alert-asks-down = 👉 Срочного для вас ничего нет. Когда сможете, посмотрите, что с сервером.
alert-asks-room = 👉 { $count } { $count ->
        [one] ключу не нашлось
        [few] ключам не нашлось
       *[many] ключам не нашлось
    } места. Добавьте панель или увеличьте число мест: /nodes
alert-asks-evacuate = 👉 <b>Решите, пожалуйста:</b> перенести всех на другие панели? Если да, нажмите кнопку ниже.
alert-asks-resume = 👉 Когда будете готовы, продолжите перенос кнопкой ниже.
alert-asks-control-down = 👉 Посмотрите, запущена ли на том сервере сама панель. Никто не отключён.
alert-asks-unreachable = 👉 Если знаете, что сервер не работает, перенесите всех кнопкой ниже.
alert-asks-misconfigured = 👉 Проверьте адрес, вход и сертификат панели: /nodes
alert-asks-blocked = 👉 Если знаете, что она заблокирована, перенесите всех кнопкой ниже.
alert-asks-panic = 👉 Эти панели и правда не работают? Тогда снимите тормоз кнопкой ниже. Если нет, подождите: он снимется сам.
alert-asks-own-path = 👉 Посмотрите, работает ли сеть этого сервера. Тормоз снимется сам.
alert-asks-certificate = 👉 Обновите сертификат на том сервере.
alert-asks-node = 👉 Посмотрите, что с выходом: на его сервере или на странице узлов панели.
alert-asks-endpoint = 👉 Проверьте ретранслятор, файрвол или inbound за этим адресом. Если его больше не будет, перенесите всех: /nodes
alert-asks-capacity = 👉 Добавьте панель или увеличьте число мест: /nodes
alert-asks-foreign-mark = 👉 Посмотрите, не работает ли с той же панелью другой бот или копия этого. Вдвоём они будут мешать друг другу.
alert-asks-missing = 👉 <b>Решите, пожалуйста:</b> записи потеряны, это другая панель или её восстановили? См. /reconcile
alert-asks-reconcile = 👉 Посмотрите, что будет сделано, и скажите да или нет: /reconcile
alert-asks-uneven = 👉 Посмотрите и скажите да или нет: /rebalance
alert-asks-links = 👉 Проверьте адрес изнутри страны. Если он заблокирован, дайте новым ссылкам следующий: приложения, которые ещё обновляются, узнают о нём сами, владельцы остальных получат одно сообщение.
alert-asks-hold = 👉 Выясните, что случилось с базой данных. Если это та самая база, подтвердите, что можно продолжать.
alert-asks-system = 👉 Если это надолго, загляните в журнал.

alert-line = <code>{ $clock }</code> { $words }
alert-line-more = … и ещё { $count }
alert-line-suspected = проверка не прошла
alert-line-control-down = панель молчит, ключи работают
alert-line-unreachable = ничего не отвечает
alert-line-down-refused = не работает: соединения отвергаются
alert-line-down-silent = не работает: не отвечает совсем
alert-line-misconfigured = нас не пускают
alert-line-perhaps-blocked = { $count } { $count ->
        [one] человек пишет
        [few] человека пишут
       *[many] человек пишут
    }, что не работает
alert-line-traffic-fell = трафик упал до { $share } от прошлой недели
alert-line-blocked = у части людей заблокировано
alert-line-blocked-from = пять минут недоступна из { $vantages }, хотя отсюда отвечает: { $how }
alert-vantage-silent = там нет ответа
alert-vantage-refused = там соединения отклоняются
alert-vantage-stalled = там соединения начинаются и обрываются
alert-vantage-origin-dead = там посредник перед ней говорит, что она не отвечает
alert-line-recovering = снова отвечает, наблюдаем
alert-line-recovered = снова работает, спустя { $span }
alert-line-unwatched = больше не проверяется
alert-line-planned = переносим { $count } { $count ->
        [one] ключ
        [few] ключа
       *[many] ключей
    }
alert-line-planned-to = { $line }: { $targets }
alert-line-target = { $name } { $count }
alert-line-target-more = и ещё на другие панели: { $count }
alert-line-stranded = { $line }; без места: { $count }
alert-line-progress = перенесено { $done } из { $total }
alert-line-done = перенесено { $count }, никого не осталось
alert-line-done-but = перенесено { $count }, осталось { $left }
alert-line-paused = перенос остановлен тормозом
alert-line-paused-by = перенос приостановлен ({ $who })
alert-line-resumed = перенос продолжается
alert-line-resumed-by = перенос продолжается ({ $who })
alert-line-cancelled = перенос прекращён, остаются { $count }
alert-line-ask = спросили, перенести ли всех
alert-line-cordoned = без новых ключей ({ $who })
alert-line-opened = новые ключи снова принимаются ({ $who })
alert-line-panic = отказали { $bad } из { $total }: тормоз включён
alert-line-own-path = своя сеть под вопросом: тормоз включён
alert-line-panic-left = тормоз снят
alert-line-panic-left-by = тормоз снят ({ $who })
alert-line-certificate = до конца сертификата: { $span }
alert-line-certificate-ended = сертификат истёк
alert-line-certificate-renewed = сертификат обновлён
alert-line-node = выход { $node } не работает
alert-line-node-back = выход { $node } снова работает
alert-line-endpoint = адрес не отвечает
alert-line-endpoint-back = адрес снова отвечает
alert-line-capacity = ждут: { $count }
alert-line-capacity-back = больше никто не ждёт
alert-line-foreign-mark = записи с чужой пометкой: { $count }
alert-line-missing = пропало записей: { $count }
alert-line-strays = записей без ключа: { $count }
alert-line-accounts-changed = изменено на панели: { $count }
alert-line-reconciled = всё в порядке
alert-line-uneven = разница { $spread }
alert-line-evening-out = перенесено: { $done } из { $total }
alert-line-evened-out = выровнено: перенесено { $count }, разница { $spread }
alert-line-links = загрузок: { $count }, обычно { $usual }
alert-line-links-moved = { $who }: у новых ссылок адрес { $name }
alert-line-hold = база данных вернулась назад, всё приостановлено
alert-line-system = не работает: { $problem }
alert-line-over = всё позади

alert-evacuate-confirm = 🚚 Перенести всех с <b>{ $name }</b>? На другие панели { $count ->
        [one] перейдёт
        [few] перейдут
       *[many] перейдут
    } { $count } { $count ->
        [one] ключ
        [few] ключа
       *[many] ключей
    }, новых эта панель принимать не будет.
alert-address-none = Другого адреса нет: добавьте его в PUBLIC_URLS.
alert-evacuate-empty = Переносить там некого.
alert-acknowledged-before = Этим уже кто-то занимается.
alert-nothing-changed = Так уже и есть.
alert-over = Это уже позади.
alert-chat-lost = 📪 <b>В группу для оповещений не удаётся писать.</b> Бота убрали или удалили тему? Пока это так, оповещения приходят каждому администратору лично. Верните бота или измените ALERT_CHAT_ID.
alerts-title = 🚨 <b>Оповещения</b>
alerts-none = 🟢 Оповещений ещё не было. Всё спокойно.
alerts-quiet = 🟢 Сейчас всё спокойно.
alerts-open = 🔴 Продолжается: { $count }
alerts-closed = <b>Позади</b>

### The daily summary

summary-quiet = 🌿 <b>{ $date }</b>: всё спокойно. { $keys } { $keys ->
        [one] ключ
        [few] ключа
       *[many] ключей
    }, { $panels } { $panels ->
        [one] панель
        [few] панели
       *[many] панелей
    }.
summary-title = 📋 <b>За последние сутки, { $date }</b>
summary-keys = 🔑 Ключей: { $keys }, новых: { $new }, закончились: { $ended }
summary-moves = 🚚 Переносов: { $count }
summary-waiting = 🪑 Ждут места: { $count }
summary-uptime = 📈 Панели ответили на { $share } проверок.
summary-incidents = 🚨 Происшествий: { $count }
summary-trouble = ⚠️ Сейчас неполадки:

### Keys: what their owners are told once

warn-ends-soon = ⏳ <b>До конца вашего ключа { $span }</b>: он действует до { $date }.
warn-ended = ⌛ <b>Время вашего ключа закончилось.</b>
warn-traffic = 📊 <b>Израсходовано { $percent } трафика.</b> Осталось { $left }.
warn-exhausted = 📭 <b>Трафик израсходован.</b>
warn-which = 🔑 Ключ { $number }
warn-ask-soon = Попросите продлить его заранее, и он будет работать без перерыва. Настраивать заново ничего не нужно.
warn-ask-over = Попросите продлить: заработает тот же ключ, настраивать заново ничего не нужно.
warn-ask-traffic = Когда трафик закончится, ключ остановится. Если нужно, попросите ещё.
warn-ask-exhausted = Попросите ещё трафика: заработает тот же ключ, настраивать заново ничего не нужно.

### Locations: the countries servers stand in

# A country without a name here is shown by its code.
region-ae = ОАЭ
region-al = Албания
region-am = Армения
region-ar = Аргентина
region-at = Австрия
region-au = Австралия
region-az = Азербайджан
region-ba = Босния и Герцеговина
region-be = Бельгия
region-bg = Болгария
region-bh = Бахрейн
region-br = Бразилия
region-by = Беларусь
region-ca = Канада
region-ch = Швейцария
region-cl = Чили
region-cn = Китай
region-co = Колумбия
region-cy = Кипр
region-cz = Чехия
region-de = Германия
region-dk = Дания
region-ee = Эстония
region-eg = Египет
region-es = Испания
region-fi = Финляндия
region-fr = Франция
region-gb = Великобритания
region-ge = Грузия
region-gr = Греция
region-hk = Гонконг
region-hr = Хорватия
region-hu = Венгрия
region-id = Индонезия
region-ie = Ирландия
region-il = Израиль
region-in = Индия
region-iq = Ирак
region-ir = Иран
region-is = Исландия
region-it = Италия
region-jp = Япония
region-ke = Кения
region-kg = Киргизия
region-kr = Южная Корея
region-kw = Кувейт
region-kz = Казахстан
region-lt = Литва
region-lu = Люксембург
region-lv = Латвия
region-md = Молдова
region-me = Черногория
region-mk = Северная Македония
region-mt = Мальта
region-mx = Мексика
region-my = Малайзия
region-ng = Нигерия
region-nl = Нидерланды
region-no = Норвегия
region-nz = Новая Зеландия
region-om = Оман
region-ph = Филиппины
region-pk = Пакистан
region-pl = Польша
region-pt = Португалия
region-qa = Катар
region-ro = Румыния
region-rs = Сербия
region-ru = Россия
region-sa = Саудовская Аравия
region-se = Швеция
region-sg = Сингапур
region-si = Словения
region-sk = Словакия
region-th = Таиланд
region-tr = Турция
region-tw = Тайвань
region-ua = Украина
region-us = США
region-uz = Узбекистан
region-vn = Вьетнам
region-za = ЮАР

### The page behind a link

page-title = Ваш ключ
page-language = Язык
page-state-works = Ваш ключ работает
page-state-trouble = У вашего сервера неполадки
page-state-waits = Ваш ключ готовится
page-state-suspended = Ваш ключ на паузе
page-state-expired = Срок ключа закончился
page-state-exhausted = Трафик ключа закончился
page-state-revoked = Этот ключ больше не работает
page-do-trouble = Мы уже занимаемся. Приложение подхватит изменение само, а если нет, обновите в нём подписку.
page-do-waits = Скоро будет готов. Откройте эту страницу снова через несколько минут.
page-do-revoked = Если ключ нужен, попросите новый.
page-traffic = Трафик
page-left = Осталось: { $amount }
page-unlimited = Без ограничений
page-used-of = Использовано { $used } из { $limit }
page-used = Использовано { $used }
page-term = Срок
page-time-over = Закончился
page-time-never = Бессрочный
page-until = до { $date }
page-ended = закончился { $date }
page-location = Локация
page-connect = Настройка устройства
page-advice = Советуем
page-get = Установить { $app }
page-get-elsewhere = Скачать в другом месте
page-add = Добавить ключ
page-by-hand = Ничего не происходит? По шагам
page-steps = По шагам
page-by-hand-hint = Откройте эту страницу в обычном браузере и нажмите кнопку ещё раз или сделайте всё вручную:
page-other-apps = Другие приложения
page-other-devices = Другие устройства
page-link = Ваша ссылка
page-link-hint = Для любого приложения, которое принимает ссылку на подписку. Она не меняется, куда бы ни переехал ключ.
page-copy = Скопировать
page-copied = Скопировано
page-qr = QR-код для другого устройства
page-qr-hint = Отсканируйте его приложением на другом устройстве.
page-qr-picture = QR-код с вашей ссылкой
page-secret = Никому не показывайте эту страницу: у кого есть её адрес, тот может пользоваться вашим ключом.
page-support = Написать в поддержку
page-bot = Открыть бота { $bot }
page-reset = Адрес мог попасть к другим? Откройте бота и нажмите { $key } › { $more } › { $reset }: старая ссылка сразу перестанет работать, а устройства настраиваются по новой.
