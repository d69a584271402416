namespace Mlops.Evaluation;

/// <summary>The rows on which two models can both be judged.</summary>
/// <param name="Candidate">What the candidate gave for them.</param>
/// <param name="Reference">What the other model gave for them.</param>
/// <param name="Rows">Where they are among all rows, ascending, from 0.</param>
/// <param name="UnpredictedCount">The number of rows for which the other model gave finite numbers and the first one did not.</param>
internal sealed record PairedRows(ModelOutcomes Candidate, ModelOutcomes Reference, int[] Rows, int UnpredictedCount)
{
    /// <exception cref="ArgumentException">The two were not judged on the same rows in the same order.</exception>
    public static PairedRows Of(ModelOutcomes candidate, ModelOutcomes reference, string referenceName)
    {
        if (candidate.RowCount != reference.RowCount)
            throw Unpaired(referenceName, FormattableString.Invariant($"there are {candidate.RowCount} of the one and {reference.RowCount} of the other"));
        if (!candidate.Classes.SequenceEqual(reference.Classes, StringComparer.Ordinal))
            throw new ArgumentException($"The model and {referenceName} tell other classes apart, or the same ones in another order, so their figures cannot be compared.");
        var (rows, unpredicted) = (new List<int>(candidate.RowCount), 0);
        for (var row = 0; row < candidate.RowCount; row++)
        {
            if (!candidate.Labels[row].Equals(reference.Labels[row])) throw Unpaired(referenceName, FormattableString.Invariant($"row {row} has another label"));
            if (!candidate.GetWeight(row).Equals(reference.GetWeight(row))) throw Unpaired(referenceName, FormattableString.Invariant($"row {row} has another weight"));
            if (!reference.IsJudged(row)) continue;
            if (candidate.IsJudged(row)) rows.Add(row);
            else unpredicted++;
        }

        int[] paired = [.. rows];
        return new PairedRows(candidate.Select(paired), reference.Select(paired), paired, unpredicted);
    }

    /// <summary>Takes some of the rows.</summary>
    /// <param name="slice">The rows among all, ascending.</param>
    public (ModelOutcomes Candidate, ModelOutcomes Reference) Take(int[] slice)
    {
        var positions = new List<int>(slice.Length);
        for (int at = 0, i = 0; i < slice.Length; i++)
        {
            while (at < Rows.Length && Rows[at] < slice[i]) at++;
            if (at < Rows.Length && Rows[at] == slice[i]) positions.Add(at);
        }

        int[] taken = [.. positions];
        return (Candidate.Select(taken), Reference.Select(taken));
    }

    private static ArgumentException Unpaired(string referenceName, string why)
        => new($"The model and {referenceName} were not judged on the same rows in the same order: {why}. Judge both on one dataset.");
}
