// A message as its reader sees it: mail in a frame that may run nothing, texts as bubbles.
import { useEffect, useRef, useState } from 'react';
import type { Rendered } from '../lib/api';

type Props = { channel: string; message: Omit<Rendered, 'fields'>; width?: 'desktop' | 'phone' | 'text'; title: string; noSubject?: string; height?: number };

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
      {width === 'phone' ? <iframe className="mail-frame" title={title} sandbox="" srcDoc={message.html} style={{ height, width: 375, maxWidth: '100%', margin: '0 auto' }} /> : <Desktop html={message.html} title={title} height={height} />}
    </div>
  );
}

/** Mails are built some 600 pixels wide: where there is less room they are shown smaller, not cut off. */
const MAIL_WIDTH = 640;

function Desktop({ html, title, height }: { html: string; title: string; height: number }) {
  const box = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(MAIL_WIDTH);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => entry && setRoom(entry.contentRect.width));
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  const scale = Math.min(1, room / MAIL_WIDTH);
  const tall = height * Math.max(scale, 0.6);
  return (
    <div ref={box} style={{ height: tall, overflow: 'hidden' }}>
      <iframe className="mail-frame" title={title} sandbox="" srcDoc={html} style={{ height: tall / scale, width: scale < 1 ? MAIL_WIDTH : '100%', transform: scale < 1 ? `scale(${scale})` : undefined, transformOrigin: 'top left' }} />
    </div>
  );
}
