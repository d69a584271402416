namespace Mlops.Validation;

/// <summary>Names of metrics in which <c>*</c> stands for any characters.</summary>
internal static class MetricPattern
{
    public static bool Matches(string pattern, string name)
    {
        // Goes back to the last star only: whatever an earlier one could take, the last one can too.
        int p = 0, n = 0, star = -1, mark = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = n;
            }
            else if (p < pattern.Length && pattern[p] == name[n])
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++mark;
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }
}
