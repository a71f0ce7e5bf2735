// Where the console begins.
import { createRoot } from 'react-dom/client';
import { Console } from './app/console';
import './ui/style.css';

createRoot(document.getElementById('root')!).render(<Console />);
