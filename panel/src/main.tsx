import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queries, router } from './router.tsx';
import './styles.css';
import { themeFollow } from './theme/theme.ts';

themeFollow();
const place = document.getElementById('root');
if (place === null) throw new Error('index.html has no place for the panel');
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
