const paths = {
  check: 'M4.5 10.5l3.5 3.5 7.5-8',
  cross: 'M5.5 5.5l9 9m0-9l-9 9',
  stop: 'M6 6h8v8H6z',
  clock: 'M10 5.5V10l3 2M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4z',
  dot: 'M10 8.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z',
  warning: 'M10 7v4m0 2.6v.1M10 2.8L18 16.5H2L10 2.8z',
  copy: 'M7.5 7.5h9v9h-9zM12.5 7.5v-4h-9v9h4',
  download: 'M10 3v9m-4-3.5l4 4 4-4M4 16.5h12',
  chevron: 'M7.5 5l5 5-5 5',
  task: 'M11 2.5L4.5 11.5H10L9 17.5l6.5-9H10z',
  choice: 'M10 3v4m0 0L5 12v5m5-10l5 5v5',
  wait: 'M10 5.5V10l3 2M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4z',
  parallel: 'M4 3v14M10 3v14M16 3v14',
  map: 'M3.5 5h13M3.5 10h13M3.5 15h13',
  pass: 'M3 10h13m-4.5-4.5L16 10l-4.5 4.5',
  topic: 'M6 13a4 4 0 1 1 6.8-3M10 10l6 6m0-4.5V16h-4.5',
  spool: 'M4 3h12M4 17h12M6 3v14M14 3v14M6 7.2l8-1.4M6 10.7l8-1.4M6 14.2l8-1.4',
} as const;

export type IconName = keyof typeof paths;

/** Drawn in the colour of the text beside it, and always decoration: the text says it. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" width={size} height={size} aria-hidden="true" focusable="false">
      <path
        d={paths[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.7"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
