/** SQL files are imported as text and travel inside the single binary. */
declare module "*.sql" {
  const text: string;
  export default text;
}
