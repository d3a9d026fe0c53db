/** The web chat: puts its parts together and decides what follows what. */

import { Composer } from "./composer.js";
import { Events } from "./events.js";
import { setUpInstall } from "./install.js";
import { Letters } from "./letters.js";
import { Log } from "./log.js";
import { setUpMenu, setUpType } from "./menu.js";
import { byId, config, notice, withdraw, words } from "./page.js";
import { offerPlace } from "./place.js";
import { history } from "./server.js";
import { Unread } from "./unread.js";
import { setUpViewer, view } from "./viewer.js";
import { fitViewport } from "./viewport.js";

const pageful = 30;
const older = byId("older");
let connected = false;
let typingSoon;
let downSoon;

const letters = new Letters({ onChange: letterChanged, onAnswer: answered });
const log = new Log(
  {
    choose: (option) => letters.send({ choice: option.value, label: option.label }),
    view,
    say: (text) => letters.send({ text }),
    retry: () => letters.retry(),
  },
  scrolled,
);
const unread = new Unread(log);

function letterChanged(letter) {
  log.showLetter(letter);
  clearTimeout(typingSoon);
  log.typing(false);
  if (letter.state === "failed") notice(letter.reason || words("live.failed_notice"));
  else if (letter.state === "waiting" && letter.again) {
    // What the server said stands under the letter; a quiet one has no bubble to stand under.
    if (!letter.reason) notice(words("live.disconnected"), true);
    else if (letter.quiet) notice(letter.reason);
  } else if (letter.state === "sending" && (!letter.photos || letter.progress === 1)) {
    typingSoon = setTimeout(() => log.typing(true), 350);
  }
}

function answered(letter, answer) {
  clearTimeout(typingSoon);
  log.typing(false);
  withdraw(words("live.failed_notice"));
  withdraw(words("live.disconnected"));
  if (answer.you && log.settle(letter, answer.you)) showStored(answer.you.id);
  const [first] = log.add((answer.messages ?? []).map((message) => ({ from: "bot", ...message })));
  if (first) log.reveal(first);
  unread.look();
  connect();
  // The bot now speaks another language: let the page follow, unless something is still on its way.
  if (answer.language && answer.language !== config.language && !letters.waiting) location.replace(config.page);
}

async function showStored(id) {
  try {
    const page = await history({ after: Number(id) - 1, limit: 1 });
    page.messages.filter((message) => message.id === id).forEach((message) => log.redraw(message));
  } catch {
    // their names stand there; the next visit shows them
  }
}

function pushed(messages) {
  unread.more(shown(messages));
}

// What comes is read along, if what came before it was. How many of it are from the bot.
function shown(messages) {
  const news = log.add(messages).filter((article) => article.classList.contains("bot"));
  if (log.atEnd && news.length) log.reveal(news[0]);
  return news.length;
}

async function catchUp() {
  if (log.empty) return;
  let page;
  do {
    page = await history({ after: log.lastId });
    pushed(page.messages);
  } while (page.more && page.messages.length);
}

async function lookAgain() {
  try {
    await catchUp();
    withdraw(words("live.disconnected"));
  } catch {
    notice(words("live.disconnected"), true);
  }
}

async function readOlder() {
  if (older.hidden || older.disabled) return;
  older.disabled = true;
  try {
    const page = await history({ before: log.firstId, limit: pageful });
    log.addOlder(page.messages);
    older.hidden = !page.more;
  } catch {
    notice(words("live.reading_failed"));
  } finally {
    older.disabled = false;
  }
}

function scrolled() {
  unread.look();
  if (log.box.scrollTop < 120 && !log.atEnd) readOlder();
}

async function readHistory() {
  for (let wait = 1; ; wait = Math.min(wait * 2, 30)) {
    try {
      const page = await history();
      withdraw(words("live.reading_failed"));
      return page;
    } catch {
      notice(words("live.reading_failed"), true);
      await new Promise((resolve) => setTimeout(resolve, wait * 1000));
    }
  }
}

// Before the first answer there is nothing to be told about.
function connect() {
  if (connected || log.empty) return;
  connected = true;
  const events = new Events({
    onMessage: (message) => pushed([{ from: "bot", ...message }]),
    onTurn(message) {
      shown([message]); // nothing of it is news: it was read in the window where it was said
      unread.look();
    },
    onOpen() {
      clearTimeout(downSoon);
      downSoon = undefined;
      lookAgain();
    },
    // A line that breaks mends itself in seconds, mostly. If not, asking shows whether the network is gone or only
    // this connection, as behind some office walls; asking then also brings the notices.
    onDown() {
      downSoon ??= setTimeout(() => {
        downSoon = undefined;
        lookAgain();
      }, 5000);
    },
  });
  events.open();
  document.addEventListener("visibilitychange", () => document.hidden || lookAgain());
}

async function open() {
  setUpType();
  fitViewport();
  setUpViewer();
  setUpMenu((text) => letters.send({ text }));
  offerPlace((content) => letters.send(content));
  const composer = new Composer((content) => {
    withdraw(words("live.photos_lost"));
    letters.send(content);
  });
  older.addEventListener("click", readOlder);
  addEventListener("online", () => letters.retry());
  addEventListener("beforeunload", (event) => letters.holdsPhotos && event.preventDefault());

  log.typing(true);
  const page = await readHistory();
  log.typing(false);
  log.addOlder(page.messages);
  older.hidden = !page.more;
  if (page.unread) log.reveal(log.divide(page.unread));
  else log.toEnd();
  unread.more(page.unread ?? 0);
  log.live = true;

  const lost = letters.resume();
  if (lost.length) {
    composer.restore(lost.map((letter) => letter.text).filter(Boolean).join("\n"));
    notice(words("live.photos_lost"), true);
    setTimeout(lookAgain, 5000); // all of it may have arrived, and be answered only now
  }
  if (config.start || (log.empty && !letters.waiting)) {
    letters.send({ text: `/start ${config.start}`.trim(), label: words("live.hello"), quiet: true });
    window.history.replaceState(null, "", config.page); // so that a reload does not say hello again
  }
  connect();
  setUpInstall();
}

open();
