/* Compat header <tchar.h>: strings that are bytes, or wide characters where UNICODE is defined, as far as Winsock
 * programs use them. It must not know windows or sockets. */
#ifndef ASYNCSELECT_COMPAT_TCHAR_H
#define ASYNCSELECT_COMPAT_TCHAR_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* _UNICODE governs this header, UNICODE <windows.h>; they go together. */
#ifdef _UNICODE
#define _T(text) L##text
#define _TEXT(text) L##text
#define _tcslen wcslen
#define _tcscpy wcscpy
#define _tcscat wcscat
#define _tcscmp wcscmp
#define _tcschr wcschr
#define _tcsstr wcsstr
#define _tprintf wprintf
#define _ftprintf fwprintf
#else
#define _T(text) text
#define _TEXT(text) text
#define _tcslen strlen
#define _tcscpy strcpy
#define _tcscat strcat
#define _tcscmp strcmp
#define _tcschr strchr
#define _tcsstr strstr
#define _tprintf printf
#define _ftprintf fprintf
#define _ttoi atoi
#define _tmain main
#endif

#ifndef __TCHAR_DEFINED
#define __TCHAR_DEFINED
#ifdef _UNICODE
typedef wchar_t _TCHAR;
#else
typedef char _TCHAR;
#endif
#endif

#endif
