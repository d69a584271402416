using System.Text.RegularExpressions;

namespace Mlops.Tracking;

/// <summary>Finds credentials in where a model version comes from. Only what is surely one counts: a folder may be named by any words.</summary>
internal static partial class SourceCredentials
{
    /// <summary>Checks that a source holds no credential: stored it would be told to everybody, and masked it would lead nowhere.</summary>
    /// <exception cref="ArgumentException">It holds one.</exception>
    public static void Check(SecretMask mask, string source)
    {
        if (!IsAddressWithSecret(mask, source) && !IsConnectionString(mask, source)) return;
        // Without the source, which is not to be told.
        throw new ArgumentException(
            "The source of a version holds a password, a signature or another credential, and sources are stored as they are. Give the address without it, and the credential to what reads the address; or the folder of the model directory in the artifact store.", nameof(source));
    }

    // In the user info of an address, or under a telling name in its query.
    private static bool IsAddressWithSecret(SecretMask mask, string source)
        => source.Contains("://", StringComparison.Ordinal)
            && (UserInfos().EnumerateMatches(source).Any(mask, source) || QueryPairs().EnumerateMatches(source).Any(mask, source));

    private static bool IsConnectionString(SecretMask mask, string source)
        => source.Contains(';') && source.Split(';').Any(pair => pair.IndexOf('=') is > 0 and var end && end + 1 < pair.Length && mask.IsSecret(pair[..end]) && !pair.AsSpan(0, end).Contains('/'));

    private static bool Any(this Regex.ValueMatchEnumerator matches, SecretMask mask, string source)
    {
        foreach (var match in matches)
        {
            var part = source.Substring(match.Index, match.Length);
            if (mask.MaskText(part) != part) return true;
        }

        return false;
    }

    [GeneratedRegex("[A-Za-z][A-Za-z0-9+.\\-]*://[^\\s/?#]*@")]
    private static partial Regex UserInfos();

    [GeneratedRegex("[?&][^=&#\\s]+=[^&#\\s]+")]
    private static partial Regex QueryPairs();
}
