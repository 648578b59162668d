/**
 * The thread of a member of a team (team.ts): takes its one message and stays until dismissed.
 *
 * @module
 */
import { joinTeam, type TeamMemory } from "./team.ts";

/** The one message a member gets. */
interface Invitation {
  memory: TeamMemory;
  me: number;
  threads: number;
}

addEventListener("message", (event) => {
  const { memory, me, threads } = (event as MessageEvent<Invitation>).data;
  joinTeam(memory, me, threads);
  close();
});
