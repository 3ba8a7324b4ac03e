# Соединения сетей: пространства имён и отключение.
button-unlink = ✂️ Убрать соединение
button-link-instead = 🔗 Соединить
link-to-namespace =
    { $from }

    С каким пространством имён?
unlink-from = Соединение какой сети убираем?
unlink-to =
    { $from }

    Соединение с какой сетью убираем?
unlink-ends =
    Отключение сетевого соединения:
    <b>{ $from }</b>
    ↔ <b>{ $to }</b>
plan-what-rule = доступ из { $from } в { $to }
