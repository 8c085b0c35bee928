import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { takeKeyFromAddress } from './api/session-key.js';
import { App } from './app/app.js';

takeKeyFromAddress();
addEventListener('hashchange', takeKeyFromAddress);
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
