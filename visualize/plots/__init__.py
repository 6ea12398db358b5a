"""Pictures of training and of trained models, made with matplotlib."""
