// A mail server that takes every message and keeps it, so that the console's tests see what would have left.
import { createServer } from 'node:net';

export async function mailbox() {
  const messages = [];
  const server = createServer((socket) => {
    let inData = false;
    let left = '';
    let mail = { from: '', to: [], body: '' };
    socket.on('error', () => undefined);
    socket.write('220 mailbox\r\n');
    socket.on('data', (chunk) => {
      left += chunk.toString('utf8');
      for (let end = left.indexOf('\r\n'); end >= 0; end = left.indexOf('\r\n')) {
        const line = left.slice(0, end);
        left = left.slice(end + 2);
        if (inData) {
          if (line === '.') {
            inData = false;
            messages.push(mail);
            mail = { from: '', to: [], body: '' };
            socket.write('250 kept\r\n');
          } else mail.body += `${line}\n`;
          continue;
        }
        const word = line.slice(0, 4).toUpperCase();
        if (word === 'DATA') {
          inData = true;
          socket.write('354 go on\r\n');
        } else if (word === 'QUIT') socket.end('221 bye\r\n');
        else {
          if (word === 'MAIL') mail.from = line;
          if (word === 'RCPT') mail.to.push(line.replace(/^.*<|>.*$/g, ''));
          socket.write('250 ok\r\n');
        }
      }
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port, messages, stop: () => server.close() };
}
