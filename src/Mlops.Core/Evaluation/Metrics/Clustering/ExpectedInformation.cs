namespace Mlops.Evaluation;

/// <summary>The mutual information that two partitions of these sizes have by chance: the mean over all tables with these sums.</summary>
/// <remarks>Time O(classes × clusters × the smaller of two sizes). Source: N. X. Vinh, J. Epps, J. Bailey, JMLR 11, 2010, equation 24a.</remarks>
internal static class ExpectedInformation
{
    /// <summary>Computes it, in nats.</summary>
    /// <param name="classes">The sizes of the parts of the first partition, whole numbers.</param>
    /// <param name="clusters">The sizes of the parts of the second one.</param>
    /// <param name="total">The sum of either.</param>
    public static double Compute(double[] classes, double[] clusters, double total)
    {
        var n = (int)total;
        var logFactorials = new double[n + 1];
        for (var i = 1; i <= n; i++) logFactorials[i] = logFactorials[i - 1] + Math.Log(i);
        double sum = 0;
        foreach (int a in classes)
        {
            foreach (int b in clusters)
            {
                var constant = logFactorials[a] + logFactorials[b] + logFactorials[n - a] + logFactorials[n - b] - logFactorials[n];
                for (var common = Math.Max(1, a + b - n); common <= Math.Min(a, b); common++)
                {
                    var information = common / total * (Math.Log(total * common) - Math.Log((double)a * b));
                    var probability = constant - logFactorials[common] - logFactorials[a - common] - logFactorials[b - common] - logFactorials[n - a - b + common];
                    sum += information * Math.Exp(probability);
                }
            }
        }

        return sum;
    }
}
