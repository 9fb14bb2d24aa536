import { type ReactNode, useState } from 'react';
import classes from '@/shared/ui/drop-zone.module.css';

/** A place where files can be dropped; what is in it also takes them by a button. */
export function DropZone({
  label,
  drop,
  children,
}: {
  label: string;
  drop: (files: readonly File[]) => void;
  children: ReactNode;
}) {
  const [over, setOver] = useState(false);
  return (
    <div
      className={classes.zone}
      role="group"
      aria-label={label}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => {
        setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        drop([...event.dataTransfer.files]);
      }}
    >
      {children}
    </div>
  );
}

/** What may be dropped, beside the button. */
export function DropHint({ children }: { children: ReactNode }) {
  return <p className={classes.hint}>{children}</p>;
}
