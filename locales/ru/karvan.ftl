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
common-unlimited = без ограничений
common-list-separator = { ", " }
common-yes = да
common-no = нет

### Commands as Telegram lists them

command-start = Меню
command-key = Мой ключ
command-help = Помощь
command-language = Язык
command-nodes = Панели: список и настройки
command-addnode = Добавить панель
command-health = Как дела у панелей
command-user = Найти человека и его ключи
command-migrate = Перенести ключи на другую панель
command-invite = Приглашения
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
user-late = Простите за ожидание: Telegram был недоступен. Я снова здесь 👇

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

### Keys: what is told unasked

notice-moved-asked =
    ✅ <b>Ключ в новой локации.</b>
    🌍 { $location }
notice-moved =
    🚚 Мы перенесли ваш ключ на сервер получше.
    🌍 { $location }
notice-moved-same-link = Ссылка прежняя. Обновите ключ в приложении.
notice-moved-new-link = Ссылка новая: скопируйте её в приложение. Старая ещё немного поработает.
notice-extended = 🎁 Вашему ключу добавили времени или трафика.
notice-suspended = ⏸ Администратор приостановил ваш ключ.
notice-resumed = ▶️ Ваш ключ снова работает.
notice-revoked = 🚫 Администратор отозвал этот ключ. Он больше не работает.
notice-traffic-reset = 🎁 Ваш трафик снова считается с нуля.
notice-wish-failed = 😔 Сделать это не получилось. Ключ остался прежним.
notice-wish-failed-reason = Причина: { $reason }

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
help-advice = 💡 <b>Что делать</b>
help-advice-renew = Попросите продлить или добавить трафик. Заработает тот же ключ.
help-advice-refresh = Нажмите <b>🔄 Обновить</b>, затем обновите ключ в приложении и подключитесь снова.
help-advice-location = Попробуйте другую локацию. В некоторых сетях отдельные локации заблокированы.
help-advice-reset = Сбросьте ссылку и настройте устройство заново.
help-advice-app = Обновите приложение до последней версии.
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
error-key-location = { $location }: этой локации больше нет. Выберите другую.
error-key-instance = Панель { $instance } сейчас не принимает ключи. Выберите другую.
error-key-nothing-left = На ключе не осталось трафика, поэтому перенести его нельзя. Сначала попросите добавить.
error-key-busy = ⏳ С этим ключом сейчас уже что-то делается. Дождитесь конца.
error-key-silent = 🌧 Сервер сейчас не отвечает. Попробуйте через несколько минут: с ключом ничего не случилось.

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
