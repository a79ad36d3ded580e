import type { help as zh } from './help.zh-CN'

export const help: typeof zh = {
  title: 'How to use it',
  parts: {
    today: {
      q: 'In the morning: Today',
      a: 'What needs you is sorted by how it presses: overdue, urgent, priority, then the clock. “Nearby” puts the nearest first, also without signal. The large button of a card is the next step. The top right says how the sending stands: all sent, some to send, no signal, some not taken.',
    },
    handle: {
      q: 'Handling something',
      a: '“Take” it, go there, then “Report done” with the result and photos of before and after. Not yours: “Not ours” with the reason. A question: “Ask the reporter”. Waiting for something: “Pause”. More time: “Extend”. More than one unit has to come: “Whistle”.',
    },
    report: {
      q: 'Something on the way',
      a: 'The round button “Report”: a photo, one sentence, a look at the position. The category may stay open. If there is danger, tick “Urgent”.',
    },
    offline: {
      q: 'No signal',
      a: 'Work as usual. Everything is written down on the phone and goes by itself: nothing lost, nothing twice, also when the phone is switched off in the middle of a sentence.',
    },
    conflict: {
      q: 'Somebody else did something, too',
      a: 'In the outbox choose “Decide”: both sides are shown, and you say which. If it is not yours any more, “Keep my words” makes them a note, or a report of their own.',
    },
    refused: {
      q: 'Not taken',
      a: 'Read why; change it and send it again, or put it aside. What is put aside is not deleted and can be saved as a file.',
    },
    photo: {
      q: 'A photo does not go',
      a: 'One that is too large is made smaller and goes again. When the data of the day is used up, words still go and photos wait for tomorrow; if it is pressing, send without the photo.',
    },
    full: {
      q: 'The storage of the phone is full',
      a: 'Do not close the page: report without photos, save it as a file, or make room and try again.',
    },
    leave: {
      q: 'Another phone, a shared phone',
      a: 'Me → Sign out takes everything of yours off this phone. If something has not arrived or is not finished it stops you first: send it, finish it, or save it with a passphrase and bring the file back on another phone. Without the passphrase nobody can open it.',
    },
    print: { q: 'The letters are too small', a: 'Me → Large print.' },
  },
}
