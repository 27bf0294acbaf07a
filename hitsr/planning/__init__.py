"""What a run will take before it starts: trainings, hours, jobs, disk and memory."""
