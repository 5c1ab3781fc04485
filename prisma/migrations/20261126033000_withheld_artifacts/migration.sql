-- An artifact is withheld from its first moment until the process that executes the run knows that it was delivered. What
-- an earlier release wrote, or still writes beside this one, counts as given out, as it did.

-- AlterTable
ALTER TABLE "artifacts" ADD COLUMN     "is_withheld" BOOLEAN NOT NULL DEFAULT false;
