"""The program in real terminals: in tmux, and over a real SSH connection."""
