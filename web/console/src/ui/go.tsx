// Links and navigation by path, so that pages need to know nothing of the router.
import { Link, useNavigate } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, ReactNode } from 'react';

type Props = { to: string; search?: { [key: string]: string | undefined }; children: ReactNode } & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'>;

export function Go({ to, search, children, ...rest }: Props) {
  return (
    <Link to={to as never} search={(search ?? {}) as never} {...rest}>
      {children}
    </Link>
  );
}

export function useGo(): (to: string, search?: { [key: string]: string | undefined }) => void {
  const navigate = useNavigate();
  return (to, search) => {
    const [path, query] = to.split('?');
    void navigate({ to: path as never, search: { ...Object.fromEntries(new URLSearchParams(query)), ...search } as never });
  };
}
