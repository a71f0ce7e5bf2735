// One of a few, each with a word on what it means.
import { type ReactNode, useId } from 'react';

type Option<V extends string> = { value: V; title: string; text?: string; picture?: ReactNode };

export function Choice<V extends string>({ label, value, options, onChange }: { label: string; value: V; options: Option<V>[]; onChange: (value: V) => void }) {
  const name = useId();
  return (
    <div className="field">
      <div className="label" id={`${name}-label`}>{label}</div>
      <div className="choice" role="radiogroup" aria-labelledby={`${name}-label`}>
        {options.map((one) => (
          <label key={one.value}>
            <input type="radio" name={name} value={one.value} checked={one.value === value} onChange={() => onChange(one.value)} />
            <span>
              <b>{one.title}</b>
              {one.text && <span className="dim small">{one.text}</span>}
            </span>
            {one.picture && <span className="picture">{one.picture}</span>}
          </label>
        ))}
      </div>
    </div>
  );
}
