// The whole navigation, sliding in on a phone.
import { Drawer } from 'antd';
import type { ReactNode } from 'react';

export default function PhoneDrawer({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  return (
    <Drawer open onClose={onClose} placement="left" size={272} title={<span className="cut">{title}</span>} styles={{ body: { padding: 8 } }}>
      {children}
    </Drawer>
  );
}
