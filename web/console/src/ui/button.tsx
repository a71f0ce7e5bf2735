// The one button: while its work goes on it takes no second click, and shows so only when that lasts.
import { Button as Plain, type ButtonProps } from 'antd';
import { useLate } from '../lib/hooks';

type Props = Omit<ButtonProps, 'loading'> & { loading?: boolean };

export function Button({ loading = false, onClick, htmlType, ...rest }: Props) {
  const late = useLate(loading);
  return <Plain {...rest} htmlType={loading ? 'button' : htmlType} onClick={loading ? undefined : onClick} loading={late} aria-busy={loading || undefined} />;
}
