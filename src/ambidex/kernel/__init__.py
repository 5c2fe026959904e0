"""Words everybody shares: ids, money, actors, problems, states, events, evidence, clocks. Pure; imports nothing of ours."""
