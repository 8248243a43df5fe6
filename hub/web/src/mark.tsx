/** The project's mark: a trap's echo. The same drawing stands in public/favicon.svg. */
export const Mark = () => (
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="8" />
    <g fill="none" stroke="#fff" stroke-linecap="round" stroke-width="2.4">
      <path d="M16 16 23 9" />
      <path d="M21.5 17.2a5.6 5.6 0 1 1-4.7-6.7" opacity=".75" />
      <path d="M25.9 15.1a10 10 0 1 1-5-8" opacity=".45" />
    </g>
    <circle cx="16" cy="16" r="2.4" fill="#fff" />
  </svg>
);
