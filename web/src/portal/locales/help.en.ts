import type { help as zh } from './help.zh-CN'

export const help: typeof zh = {
  title: 'Help',
  questions: {
    what: {
      q: 'What can I bring up here?',
      a: 'Problems around your home, things you need help with, quarrels among neighbours or at home, ideas for the community. You need not know who is in charge: somebody sorts it.',
    },
    account: {
      q: 'Do I have to register or give my name?',
      a: 'Neither. You can stay anonymous or leave a phone number only. With a number whoever handles it can ask you, which is usually quicker.',
    },
    privacy: {
      q: 'Who sees my name and phone?',
      a: 'They are stored encrypted and masked on screens. Whoever handles your matter can look when the work needs it; each look is recorded with its reason. Published results carry nothing about you.',
    },
    code: {
      q: 'What is the tracking code?',
      a: 'Twelve characters you get after sending. With it you follow the progress, answer questions and rate. Whoever has it is taken for you, so do not post it in a group.',
    },
    lost: {
      q: 'I lost my tracking code',
      a: 'If you sent the report from this phone, it is on the home page under “Reported from this phone”. Otherwise ask your grid member or call 12345 and say when and where; they can look it up.',
    },
    time: {
      q: 'How long does it take?',
      a: 'Every matter has a deadline; the progress page says who has it and by when. Past its deadline it is escalated by itself. You can also urge it.',
    },
    unsolved: {
      q: 'It was closed but not solved',
      a: 'Choose “Not solved” on the progress page: say what went wrong with a rating, then what you want done. It is taken up again.',
    },
    offline: {
      q: 'The signal is bad, or it broke off halfway',
      a: 'What you wrote and your photos stay on this phone. Send again when there is a signal: the same matter is never doubled.',
    },
    weChat: {
      q: 'What is different in WeChat?',
      a: 'Reporting, following and rating are the same. But WeChat may clear what it remembers, so copy your tracking code, or press the QR code long and save it; to print or download, choose “…” at the top right, then “Open in browser”.',
    },
    print: { q: 'The print is too small', a: 'Choose “Large print” at the top of the page: text and buttons become larger.' },
  },
}
