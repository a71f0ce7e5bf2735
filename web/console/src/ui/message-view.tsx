// A message as its reader sees it: mail in a frame that may run nothing, texts as bubbles.
import type { Rendered } from '../lib/api';

type Props = { channel: string; message: Rendered; width?: 'desktop' | 'phone' | 'text'; title: string; noSubject?: string; height?: number };

export function MessageView({ channel, message, width = 'desktop', title, noSubject, height = 560 }: Props) {
  if (channel === 'sms') {
    return (
      <div className="preview-box">
        <div className="sms">{message.text}</div>
      </div>
    );
  }
  if (channel === 'webhook' || width === 'text' || !message.html) {
    return (
      <div className="preview-box">
        {message.subject && <div className="subject">{message.subject}</div>}
        <pre className="code" tabIndex={0} style={{ border: 0, borderRadius: 0, whiteSpace: 'pre-wrap', minHeight: 120 }}>
          {message.text ?? ''}
        </pre>
      </div>
    );
  }
  return (
    <div className="preview-box">
      <div className="subject">{message.subject || <span className="dim">{noSubject}</span>}</div>
      <iframe className="mail-frame" title={title} sandbox="" srcDoc={message.html} style={{ height, width: width === 'phone' ? 375 : '100%', maxWidth: '100%', margin: '0 auto' }} />
    </div>
  );
}
