import './lib/test/setup';
