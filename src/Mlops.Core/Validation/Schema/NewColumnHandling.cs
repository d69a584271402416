namespace Mlops.Validation;

/// <summary>What becomes of a column that the schema does not know, in the words of its JSON form.</summary>
internal enum NewColumnHandling
{
    Ignore,
    Warning,
    Error,
}
