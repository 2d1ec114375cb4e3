"""The worker: claims due products, checks their pages, completes them, sends what is due."""
