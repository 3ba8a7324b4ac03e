// All words of the page, in Kazakh, Russian and English. What people and bots write is never touched.

const WORDS = {
  intro: {
    kk: "Бұл — осы машинадағы жасанды Telegram: бот нағыз, адамдардың орнына өзіңіз әрекет етесіз.",
    ru: "Это Telegram понарошку, на этой машине: бот настоящий, а за людей действуете вы.",
    en: "This is a simulated Telegram on this machine: the bot is real, and you act as the people.",
  },
  live: { kk: "Тікелей", ru: "На связи", en: "Live" },
  offline: { kk: "Байланыс жоқ", ru: "Нет связи", en: "Reconnecting…" },
  tries: { kk: "Не істеп көруге болады", ru: "Что попробовать", en: "What to try" },
  pageLanguage: { kk: "Беттің тілі", ru: "Язык страницы", en: "Language of this page" },
  people: { kk: "Адамдар", ru: "Люди", en: "People" },
  phoneOf: { kk: "Телефон иесі:", ru: "Телефон:", en: "Phone of" },
  phoneLanguage: { kk: "Telegram тілі", ru: "Язык Telegram", en: "Telegram language" },
  online: { kk: "желіде", ru: "в сети", en: "online" },
  blockedState: { kk: "ботты бұғаттаған", ru: "бот заблокирован", en: "bot blocked" },
  chats: { kk: "Чаттар", ru: "Чаты", en: "Chats" },
  back: { kk: "Чаттар тізіміне", ru: "К списку чатов", en: "Back to chats" },
  bot: { kk: "бот", ru: "бот", en: "bot" },
  typing: { kk: "жазып жатыр…", ru: "печатает…", en: "typing…" },
  sendingFile: { kk: "файл жіберіп жатыр…", ru: "отправляет файл…", en: "sending a file…" },
  members: { kk: "қатысушы: {n}", ru: "участников: {n}", en: "{n} members" },
  noMessages: { kk: "Әзірге хабар жоқ", ru: "Сообщений пока нет", en: "No messages yet" },
  whatCan: { kk: "Бұл бот не істей алады?", ru: "Что умеет этот бот?", en: "What can this bot do?" },
  pressStart: {
    kk: "Сөйлесуді бастау үшін «Бастау» түймесін басыңыз.",
    ru: "Нажмите «Начать», чтобы заговорить с ботом.",
    en: "Press Start to begin talking to the bot.",
  },
  start: { kk: "Бастау", ru: "Начать", en: "Start" },
  invitation: { kk: "Шақыру сілтемесі", ru: "Ссылка-приглашение", en: "Invitation link" },
  openLink: { kk: "Сілтемені ашу", ru: "Открыть ссылку", en: "Open the link" },
  block: { kk: "Ботты бұғаттау", ru: "Заблокировать бота", en: "Block the bot" },
  unblock: { kk: "Бұғаттан шығару", ru: "Разблокировать", en: "Unblock" },
  message: { kk: "Хабар", ru: "Сообщение", en: "Message" },
  sendIt: { kk: "Жіберу", ru: "Отправить", en: "Send" },
  attach: { kk: "Тіркеу", ru: "Прикрепить", en: "Attach" },
  photo: { kk: "Сурет", ru: "Фото", en: "Photo" },
  file: { kk: "Файл", ru: "Файл", en: "File" },
  contact: { kk: "Менің нөмірім", ru: "Мой номер", en: "My phone number" },
  location: { kk: "Орналасқан жерім", ru: "Моё местоположение", en: "My location" },
  voice: { kk: "Дауыстық хабар (үлгі)", ru: "Голосовое (образец)", en: "Voice note (a sample)" },
  menu: { kk: "Мәзір", ru: "Меню", en: "Menu" },
  keyboard: { kk: "Пернетақта", ru: "Клавиатура", en: "Keyboard" },
  more: { kk: "Тағы", ru: "Ещё", en: "More" },
  reply: { kk: "Жауап беру", ru: "Ответить", en: "Reply" },
  edit: { kk: "Өңдеу", ru: "Изменить", en: "Edit" },
  copy: { kk: "Мәтінін көшіру", ru: "Копировать текст", en: "Copy text" },
  copied: { kk: "Көшірілді", ru: "Скопировано", en: "Copied" },
  remove: { kk: "Жою", ru: "Удалить", en: "Delete" },
  cancel: { kk: "Болдырмау", ru: "Отмена", en: "Cancel" },
  ok: { kk: "Жарайды", ru: "Хорошо", en: "OK" },
  replyTo: { kk: "Жауап:", ru: "Ответ:", en: "Reply to" },
  editing: { kk: "Хабарды өңдеу", ru: "Изменение сообщения", en: "Edit message" },
  edited: { kk: "өңделген", ru: "изменено", en: "edited" },
  sent: { kk: "Жіберілді, бот әлі алған жоқ", ru: "Отправлено, бот ещё не получил", en: "Sent, not taken by the bot yet" },
  taken: { kk: "Бот алды", ru: "Бот получил", en: "Taken by the bot" },
  forwarded: { kk: "Қайта жіберілген: {name}", ru: "Переслано от {name}", en: "Forwarded from {name}" },
  shareTitle: { kk: "Нөміріңізді жіберу керек пе?", ru: "Отправить ваш номер?", en: "Share your phone number?" },
  shareText: {
    kk: "{name} сіздің {phone} нөміріңізді көреді.",
    ru: "{name} увидит ваш номер {phone}.",
    en: "{name} will see your number {phone}.",
  },
  noPhone: { kk: "Бұл адамның нөмірі жоқ", ru: "У этого человека нет номера", en: "This person has no phone number" },
  all: { kk: "Барлығы", ru: "Все", en: "All" },
  general: { kk: "Жалпы", ru: "Общее", en: "General" },
  topicClosed: { kk: "Тақырып жабылған", ru: "Тема закрыта", en: "The topic is closed" },
  topics: { kk: "Тақырыптар", ru: "Темы", en: "Topics" },
  earlier: { kk: "Бұрынғы хабарлар", ru: "Показать более ранние", en: "Earlier messages" },
  toBottom: { kk: "Соңғы хабарға", ru: "К последнему сообщению", en: "To the latest message" },
  unread: { kk: "оқылмаған: {n}", ru: "непрочитанных: {n}", en: "{n} unread" },
  today: { kk: "Бүгін", ru: "Сегодня", en: "Today" },
  yesterday: { kk: "Кеше", ru: "Вчера", en: "Yesterday" },
  download: { kk: "Жүктеп алу", ru: "Скачать", en: "Download" },
  play: { kk: "Тыңдау", ru: "Слушать", en: "Play" },
  noAnswer: { kk: "Бот түймеге жауап бермеді", ru: "Бот не ответил на кнопку", en: "The bot did not answer the button" },
  sticker: { kk: "Стикер", ru: "Стикер", en: "Sticker" },
  sPinned: { kk: "{name} хабарды бекітті", ru: "{name} закрепил сообщение", en: "{name} pinned a message" },
  sJoined: { kk: "{name} топқа қосылды", ru: "{name} в группе", en: "{name} joined the group" },
  sLeft: { kk: "{name} топтан шықты", ru: "{name} вышел из группы", en: "{name} left the group" },
  sTitle: { kk: "Топтың жаңа атауы: {title}", ru: "Новое название группы: {title}", en: "The group is now {title}" },
  sTopic: { kk: "«{title}» тақырыбы ашылды", ru: "Создана тема «{title}»", en: "Topic “{title}” was created" },
  sTopicEdited: { kk: "Тақырыптың жаңа атауы: «{title}»", ru: "Новое название темы: «{title}»", en: "The topic is now “{title}”" },
  sTopicClosed: { kk: "{name} тақырыпты жапты", ru: "{name} закрыл тему", en: "{name} closed the topic" },
  sTopicReopened: { kk: "{name} тақырыпты қайта ашты", ru: "{name} открыл тему снова", en: "{name} reopened the topic" },
  sMigrated: { kk: "Топ супертопқа айналды", ru: "Группа стала супергруппой", en: "The group became a supergroup" },
  empty: {
    kk: "Мұнда әлі ешкім жоқ. Адамдарды --world файлы немесе басқару API қосады.",
    ru: "Здесь пока никого. Людей добавляет файл --world или управляющий API.",
    en: "Nobody is here yet. A --world file or the control API adds people.",
  },
};

export const LANGUAGES = [["kk", "Қаз"], ["ru", "Рус"], ["en", "Eng"]];

const stored = localStorage.getItem("language");
const wanted = (navigator.languages ?? []).map((code) => code.slice(0, 2));
let current = [stored, ...wanted, "en"].find((code) => LANGUAGES.some(([known]) => known === code));

export const language = () => current;

export function setLanguage(code) {
  current = code;
  localStorage.setItem("language", code);
  document.documentElement.lang = code;
}

/** A word of the page, with {names} filled in. */
export function t(name, values = {}) {
  const text = WORDS[name]?.[current] ?? name;
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

/** A text of the world file: one for all, or one by language. */
export function pick(words) {
  if (words == null || typeof words === "string") return words ?? "";
  return words[current] ?? words.en ?? Object.values(words)[0] ?? "";
}

/** The clock of the phones: everybody here lives in Almaty, wherever the browser is. */
export const clock = (seconds) =>
  new Date(seconds * 1000).toLocaleTimeString(current, {
    hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Almaty",
  });

/** "Today", "Yesterday" or a date. */
export function day(seconds) {
  const date = new Date(seconds * 1000);
  const days = (d) => Math.floor((d.getTime() - d.getTimezoneOffset() * 60000) / 86400000);
  const ago = days(new Date()) - days(date);
  if (ago === 0) return t("today");
  if (ago === 1) return t("yesterday");
  return date.toLocaleDateString(current, { day: "numeric", month: "long" });
}

export function size(bytes = 0) {
  const units = [[1 << 20, { kk: "МБ", ru: "МБ", en: "MB" }], [1024, { kk: "КБ", ru: "КБ", en: "KB" }]];
  for (const [unit, name] of units) {
    if (bytes >= unit) return `${(bytes / unit).toLocaleString(current, { maximumFractionDigits: 1 })} ${name[current]}`;
  }
  return `${bytes} ${{ kk: "байт", ru: "байт", en: "B" }[current]}`;
}
