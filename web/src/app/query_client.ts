import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '@/api/client';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // An answer that says why it refused will say the same again; a broken connection may not.
      retry: (failures, error) => error instanceof ApiError && error.code === 'unreachable' && failures < 1,
      retryDelay: 400,
      // The server is on this network, whatever the browser believes of the internet.
      networkMode: 'always',
    },
  },
});
