namespace Mlops.Tracking;

/// <summary>A field that searches compare and order by.</summary>
/// <param name="Entity">What it belongs to.</param>
/// <param name="Key">Its name there: <c>status</c>, <c>auc</c>, <c>mlflow.user</c>.</param>
public readonly record struct SearchField(SearchEntity Entity, string Key)
{
    /// <summary>Writes the field as filters have it.</summary>
    /// <returns>The text: <c>metrics.auc</c>; the key is quoted where it has to be.</returns>
    public override string ToString()
    {
        var isPlain = !string.IsNullOrEmpty(Key) && Key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.');
        var key = isPlain ? Key : Key is null ? "" : Key.Contains('`', StringComparison.Ordinal) ? $"\"{Key}\"" : $"`{Key}`";
        return Entity switch
        {
            SearchEntity.Metric => "metrics." + key,
            SearchEntity.Param => "params." + key,
            SearchEntity.Tag => "tags." + key,
            SearchEntity.Dataset => "dataset." + key,
            _ => "attributes." + key,
        };
    }
}
